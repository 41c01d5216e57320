"""A walk for each lesson: what its text tells a learner to do is done in a real browser, literally and in order.

Each lesson has two files here:

- ``NN_name.toml`` maps the sentences of its Markdown that tell a learner to do something (``sentences.py`` finds
  them) to a step of the walk, or to the reason why there is nothing to do on the page::

      [[sentence]]
      cell = "md-06"
      text = "**Press `Info`, `Warning` and `Error`**, then type a text of your own and press again."
      step = "press the buttons"      # or: reading = "a question to think about"

  They stand in the order of the text, and the steps come in that order too; a step that has to wait for a later
  place says why: ``moved = "shutting down comes last"``. A sentence that is no order may be mapped as well.
- ``test_NN_name.py`` is the walk: one test, whose steps are ``with walk.step("press the buttons"):``. It runs every
  cell as the text says (``walk.run("code-05")``), compares what stands there with the text (``walk.says("md-06",
  "three panes")`` fails when the text no longer says it), and ends with ``walk.finish()``.

To add a walk, let ``python -m tests.walks NN_name`` print what is not mapped yet, as TOML to fill in.
``test_table.py`` fails for a sentence without an entry, for an entry without its sentence, and for steps that the
walk does not have, has twice, or has in another order.
"""
