"""The form for predictions, without a browser: what it commits, and what it would send to the page."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fanout_helpers.errors import FanoutError
from fanout_helpers.prediction import Judgement, Prediction, predict
from fanout_helpers.views import prediction_form
from fanout_helpers.views.prediction_form import UNSAID, PredictionForm

STATIC = Path(prediction_form.__file__).parent / "static"
HOSTILE = "<img src=x onerror=alert(1)> $\\href{javascript:alert(1)}{x}$ \u202e"
RIGHT = Judgement(
    right=True, number=1, predicted="1 copy", evidence="screen got it, 1 copy", reasons=("The one queue.",)
)
WRONG = Judgement(
    right=False, number=2, predicted=f"{HOSTILE} gets it", evidence="nobody got it, 0 copies", reasons=("No.",)
)


@pytest.fixture
def committed() -> list[Prediction]:
    return []


def form_that_notes(committed: list[Prediction]) -> PredictionForm:
    """A form on a board that takes every prediction."""

    def commit(prediction: Prediction) -> None:
        committed.append(prediction)
        made.committed(prediction.describe())

    made = PredictionForm(commit)
    return made


@pytest.fixture
def form(committed: list[Prediction]) -> PredictionForm:
    form = form_that_notes(committed)
    form.offer(["screen", "disk"])
    return form


def on_page(form: PredictionForm) -> dict[str, str]:
    form._line.flush()
    notice: dict[str, str] = json.loads(json.dumps(form._line.notice))
    return notice


def test_begins_with_nothing_said(form: PredictionForm, committed: list[Prediction]) -> None:
    assert form.copies.value == UNSAID
    assert on_page(form) == {"kind": "quiet", "text": "Nothing is predicted yet."}
    form.commit_button.click()
    assert committed == []
    assert form.said == "Nothing committed: tick who gets the message, or choose how many copies."


def test_commits_who_is_ticked(form: PredictionForm, committed: list[Prediction]) -> None:
    form.names["screen"].value = True
    form.names["disk"].value = True
    form.commit_button.click()
    assert committed == [predict("screen", "disk")]
    text = "Committed: screen and disk get it. Waiting for the next message."
    assert on_page(form) == {"kind": "waiting", "text": text}


@pytest.mark.parametrize(("copies", "said"), [(0, "nobody gets it, 0 copies"), (1, "1 copy"), (20, "20 copies")])
def test_commits_copies_alone(form: PredictionForm, committed: list[Prediction], copies: int, said: str) -> None:
    form.copies.value = copies
    form.commit_button.click()
    assert committed == [predict(copies=copies)]
    assert said in form.said


def test_what_the_page_chose_is_committed_whatever_the_boxes_say_by_now(
    form: PredictionForm, committed: list[Prediction]
) -> None:
    (number,) = [one.rpartition("-")[2] for one in form.names["disk"]._dom_classes if "tick" in one]
    form.commit_choices([int(number)], 0)
    form.offer(["late"])
    form.commit_choices([int(number)], 2)
    form.commit_choices([], 1)
    assert committed == [predict("disk"), predict("disk", copies=1), predict(copies=0)]


def test_a_cells_prediction_says_which_one_it_replaces(form: PredictionForm) -> None:
    form.committed("disk gets it", "screen gets it")
    assert on_page(form) == {
        "kind": "waiting",
        "text": "Committed: disk gets it. Waiting for the next message.\n"
        "This prediction was made in a cell. It replaces the one made on the board: screen gets it.",
    }


def test_copies_can_be_unsaid_again(form: PredictionForm, committed: list[Prediction]) -> None:
    form.copies.value = 2
    form.copies.value = UNSAID
    form.names["disk"].value = True
    form.commit_button.click()
    assert committed == [predict("disk")]


def test_what_cannot_be_is_not_committed(form: PredictionForm, committed: list[Prediction]) -> None:
    form.names["screen"].value = True
    form.copies.value = 0
    form.commit_button.click()
    assert committed == []
    assert on_page(form)["kind"] == "error"
    assert form.said.startswith("not committed: With 0 copies nobody gets it.\n")


def test_offers_other_names_and_keeps_the_ticks_of_those_that_stay(form: PredictionForm) -> None:
    form.names["disk"].value = True
    screen, disk = form.names.values()
    form.offer(["disk", "late", "late"])
    assert {name: box.value for name, box in form.names.items()} == {"disk": True, "late": False}
    assert form.names["disk"] is disk
    assert form._names.children == tuple(form.names.values())
    assert screen.comm is None


def test_the_same_offer_sends_nothing(form: PredictionForm) -> None:
    changes: list[object] = []
    form._names.observe(changes.append, "children")
    form.offer(iter(["screen", "disk"]))
    assert changes == []


def test_shows_how_it_was_judged(form: PredictionForm) -> None:
    form.judged(RIGHT)
    assert on_page(form) == {"kind": "right", "text": f"Your prediction was right. Message 1 decided it.\n{RIGHT}"}
    form.judged(WRONG)
    assert on_page(form)["kind"] == "wrong"
    assert form.said.startswith("Your prediction was wrong. Message 2 decided it.\npredicted ")
    form.judged(WRONG, past=True)
    assert on_page(form)["kind"] == "past"
    assert form.said.startswith("Earlier: your prediction was wrong. Message 2 decided it; others came since.\n")


def test_a_judgement_that_comes_while_committing_stays() -> None:
    made = PredictionForm(lambda _prediction: made.judged(RIGHT))
    made.copies.value = 1
    made.commit_button.click()
    assert made.said.startswith("Your prediction was right.")


def test_shows_why_it_could_not_commit() -> None:
    def refuse(_prediction: Prediction) -> None:
        raise FanoutError("Messages are not traced here.", next_step="Ask your teacher.")

    form = PredictionForm(refuse)
    form.copies.value = 1
    form.commit_button.click()
    assert on_page(form) == {
        "kind": "error",
        "text": "not committed: Messages are not traced here.\nAsk your teacher.",
    }


def test_a_fault_is_shown_and_raised() -> None:
    def fail(_prediction: Prediction) -> None:
        raise RuntimeError("broken")

    form = PredictionForm(fail)
    form.copies.value = 1
    # A button's callbacks raise into the kernel's own handling of messages, which says it on the cell.
    with pytest.raises(RuntimeError):
        form._press(form.commit_button)
    assert form.said == "not committed: RuntimeError: broken"


def test_hostile_names_are_plain_text_without_formulas() -> None:
    committed: list[Prediction] = []
    form = form_that_notes(committed)
    form.offer([HOSTILE])
    box = form.names[HOSTILE]
    assert box.description.startswith("<img src=x onerror=alert(1)> ")
    assert not set(box.description) & {"$", "\\", "\u202e"}
    assert box.description_allow_html is False
    box.value = True
    form.commit_button.click()
    assert committed == [predict(HOSTILE)]
    assert r"\u202e" in form.said
    assert "\u202e" not in form.said


def test_what_is_shown_is_escaped_in_python_and_text_on_the_page(form: PredictionForm) -> None:
    form.show("one\x1b[31m\ntwo\u202e", "quiet")
    assert on_page(form)["text"] == "one\\x1b[31m\ntwo\\u202e"
    script = (STATIC / "prediction_form.js").read_text(encoding="utf-8")
    assert not [word for word in ("innerHTML", "insertAdjacentHTML", "outerHTML") if word in script]


def test_every_control_has_a_name(form: PredictionForm) -> None:
    controls = [*form.names.values(), form.copies, form.commit_button]
    assert [control.description for control in controls] == ["screen", "disk", "Copies", "Commit prediction"]


def test_other_threads_may_judge_and_the_last_word_is_sent(form: PredictionForm) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in range(100):
            pool.submit(form.judged, WRONG)
    form.judged(RIGHT)
    deadline = time.monotonic() + 5
    while form._line.notice["kind"] != "right" and time.monotonic() < deadline:
        time.sleep(0.005)
    assert form._line.notice["kind"] == "right"


def test_close_ends_what_is_sent(form: PredictionForm) -> None:
    form.close()
    form.close()
    form.judged(RIGHT)
    form._line.flush()
    assert form._line.notice["kind"] == "quiet"


def test_reprs_are_the_same_in_every_run(form: PredictionForm) -> None:
    assert repr(form) == "PredictionForm()"
    assert repr(form._line) == "PredictionLine()"
