"""What holds of every dataset that EquiME writes, in sentences that card, datasheet and Croissant file share."""

from __future__ import annotations

from typing import Final

PURPOSE: Final = (
    "Micro-expressions are rare, recordings of them are few, bound by licence forms, and unbalanced over gender, age "
    "and skin tone. This dataset was rendered to train and test models that spot, recognise or describe them, and to "
    "measure whether they do so equally well on different people."
)
INTENDED_USES: Final = (
    "training and testing models that spot, recognise or describe micro-expressions",
    "measuring whether such models do equally well on different people",
    "testing measurements of facial motion against motion that is known exactly",
)
FORBIDDEN_USES: Final = (
    "inferring the emotions of people at work or at school",
    "detecting deception in people",
    "identifying anybody, or linking a clip to a real person",
)
NOT_FELT: Final = (
    "A requested emotion is what was rendered, not what anybody felt: the people in these clips feel nothing."
)
LIMITS: Final = (
    "The movements are planned, so their labels are true by construction; they follow published statistics of real "
    "micro-expressions, and are simpler than real ones.",
    "The motion is small on purpose. Re-encoding or resizing the clips erases part of it.",
    "A model that does well on these clips has not been shown to do well on recordings of real faces.",
    "Metrics that were not computed are empty, never zero.",
)
BIASES: Final = (
    "Which Action Units move, how strongly, when and on which side is drawn without regard to the person, so that no "
    "expression goes with a group by plan. What rendering, encoding and screening leave of people in expressions is "
    "what `equime audit` measures.",
    "Demographic words are those that the photos' source declared. They are coarse, may be wrong, and groups that the "
    "source lacks are missing here as well. The counts say who is in the dataset.",
    "Photos are let in by rules of sharpness, light, pose and a neutral face; who is refused by them is listed in "
    "`rejects.parquet` with the rule and the value.",
)
COLLECTION: Final = (
    "A photo is aligned and checked; a plan is drawn (emotion, AUs, sides, intensities, timing) that does not depend "
    "on who the person is; a renderer moves the face by the plan; the clip is encoded, decoded again and measured; "
    "clips that miss their plan are dropped with a reason (`rejects.parquet`)."
)
ANNOTATION: Final = (
    "Labels were planned before a clip was rendered: emotion, Action Units, sides, intensities and frames are causes "
    "of the video, not opinions about it. No person annotated a clip. What was found in the decoded clip stands in "
    "columns of its own."
)
SOCIAL_IMPACT: Final = (
    "Better and fairer tests of models that read faces can keep unfair ones from use; the same models can be turned "
    "against people. Hence the forbidden uses, and access on request."
)
MAINTENANCE: Final = (
    "The clips can be made again from their recipes and the photos (`equime regenerate`), byte for byte with the same "
    "versions. `manifest.json` states the hash of every file, and `equime verify` checks them. `equime forget` takes a "
    "person out of all files; copies that were passed on have to be called back by whoever passed them on."
)
