"""Exercises on the page: what is checked, attempted and read."""

from playwright.sync_api import expect

from tests.walks.walk import Walk


def check_and_try_again(walk: Walk, attempt: str, incomplete: str, check: str, hint: str) -> None:
    """Check without an attempt, and after one that is not enough: a hint, then the hint with the code."""
    walk.run_quietly(check)
    walk.expect_printed(check, "missing", "hint:", "Not yet: change it and check again.")
    expect(walk.output(check)).not_to_contain_text(hint, use_inner_text=True)
    walk.write(attempt, incomplete)
    walk.run_quietly(attempt, check)
    walk.expect_printed(check, hint)


def take_a_new_channel(walk: Walk, attempt: str, text: str) -> None:
    """Have RabbitMQ refuse something, run into the closed channel, and take a new one as the text says."""
    walk.write(attempt, 'channel.queue_declare(queue="nobody made it", passive=True)')
    walk.run(attempt)
    walk.expect_printed(attempt, "404")
    walk.write(attempt, 'channel.queue_declare(queue="", exclusive=True)')
    walk.run(attempt)
    walk.expect_printed(attempt, walk.says(text, "Channel is closed"))
    walk.write(attempt, walk.says(text, "channel = connection.channel()"))
    walk.run_quietly(attempt)


def solve(walk: Walk, attempt: str, code: str, check: str) -> None:
    """Write what solves an exercise into the empty cell and check it."""
    walk.write(attempt, code)
    walk.run_quietly(attempt, check)
    walk.expect_printed(check, "Solved.")


def read_solution(walk: Walk, solution: str) -> None:
    """Click the bar of a folded solution, read it and run it."""
    walk.select(solution)
    expect(walk.cell(solution).locator(".cm-content")).to_contain_text("lab.check(")
    walk.run_quietly(solution)
    walk.expect_printed(solution, "Solved.")
