"""What a lab's doctor found, as a cell shows it: where the front end shows no widgets, that is a finding too."""

from fanout_helpers.doctor import examine
from fanout_helpers.doctor.examination import Examination
from fanout_helpers.doctor.finding import Finding
from fanout_helpers.faults import Fault
from fanout_helpers.views.shown import Shown
from fanout_helpers.virtual_host import VirtualHost

SHOWN = "This front end shows widgets."

# Seen only where the widget that would hide it is not.
NOT_SHOWN = Finding(
    Fault.NO_WIDGETS,
    "This front end shows no widgets: no boards, panes and quizzes.",
    "What shows them is missing or disabled there, or there is no kernel to speak with.",
    "In a terminal of the same environment, 'fanout doctor' says which, and how to mend it.",
)


class Diagnosis(Examination):
    """An examination that a cell shows. As text it is what is wrong; printed, it is what was looked at too."""

    def _ipython_display_(self) -> None:
        printed = "\n".join(map(str, (*self.findings, NOT_SHOWN)))
        Shown(text=f"{self}\n{SHOWN}", printed=printed)._ipython_display_()


def of(host: VirtualHost) -> Diagnosis:
    """Examines the lab that works in a virtual host."""
    record = examine.lab(host)
    return Diagnosis(tuple(record.findings), record.found)
