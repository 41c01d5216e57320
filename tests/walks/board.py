"""A board on the page, used as a learner does: by the names that it shows."""

from playwright.sync_api import Locator, expect

PANES = ("screen", "disk", "alerts")


class BoardOnPage:
    """A board below a cell."""

    def __init__(self, output: Locator) -> None:
        self.root = output.locator(".fanout-board")

    @property
    def field(self) -> Locator:
        """The field for the message's text."""
        return self.root.get_by_role("textbox", name="Message", exact=True)

    @property
    def words(self) -> Locator:
        """The drawing in words, folded or not."""
        return self.root.get_by_test_id("words")

    @property
    def status(self) -> Locator:
        """What became of the latest press."""
        return self.root.get_by_test_id("status")

    @property
    def verdict(self) -> Locator:
        """The prediction's form, and what is said of the prediction."""
        return self.root.get_by_role("group", name="Prediction")

    @property
    def picture(self) -> Locator:
        """The drawing."""
        return self.root.get_by_test_id("diagram")

    @property
    def messages(self) -> Locator:
        """The list's messages, newest first."""
        return self.root.get_by_test_id("messages").get_by_role("button")

    @property
    def way(self) -> Locator:
        """The way of the message that was chosen."""
        return self.root.get_by_test_id("way")

    def button(self, name: str) -> Locator:
        """Return a button by its name."""
        return self.root.get_by_role("button", name=name, exact=True)

    def press(self, *names: str) -> None:
        """Press buttons, one after the other."""
        for name in names:
            self.button(name).click()

    def type(self, text: str) -> None:
        """Type a text into the field."""
        self.field.fill(text)

    def message(self, number: int) -> Locator:
        """Return a message of the list by its number."""
        return self.root.get_by_test_id(f"message-{number}")

    def received(self, pane: str) -> Locator:
        """Return the messages in a pane."""
        return self.root.get_by_test_id(f"line-{pane}").locator(".fanout-text")

    def expect_received(self, texts: list[str], panes: tuple[str, ...] = PANES) -> None:
        """Compare what the panes show."""
        for pane in panes:
            expect(self.received(pane)).to_have_text(texts)

    def predict(self, *queues: str, copies: int | None = None) -> None:
        """Press *Predict*, tick who gets the message, choose how many copies, and commit."""
        self.press("Predict")
        for queue in queues:
            self.verdict.get_by_role("checkbox", name=queue, exact=True).check()
        if copies is not None:
            label = "0: nobody gets it" if copies == 0 else str(copies)
            self.verdict.get_by_role("combobox", name="Copies").select_option(label=label)
        self.verdict.get_by_role("button", name="Commit prediction").click()
