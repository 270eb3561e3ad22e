"""What Hypothesis draws is the same in every run, whichever tests have run before in a process."""

import hypothesis
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants


def draw_alike() -> None:
    """Draw none of the constants of our own modules where examples are to repeat: each process knows other ones.

    Hypothesis finds them in what has been imported, and much of the package is imported with the first request for it.
    """
    of_imported_modules = providers._get_local_constants

    def constants() -> Constants:
        is_to_repeat = hypothesis.settings.get_current_profile_name() == "quick"
        return providers._local_constants if is_to_repeat else of_imported_modules()

    vars(providers)["_get_local_constants"] = constants
