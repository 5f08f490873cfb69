"""Real processors and models of chat families, tiny and random, built without a network.

Tokenizers are those of the example's tiny chat model, with the control tokens of the family; templates are the
families' formats. Models have a few thousand weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tiny_chat import CHAT_TEMPLATE, CONTROLS, PADS, tiny_model, tiny_processor, tiny_tokenizer

IMAGE_PX = 56

_LLAVA_QWEN = """{% for message in messages %}<|im_start|>{{ message.role }}
{% for part in message.content %}{% if part.type == 'video' %}<video>
{% else %}{{ part.text }}{% endif %}{% endfor %}<|im_end|>{% endfor %}\
{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
_VICUNA = """{% for message in messages %}{{ message.role.upper() }}: {% for part in message.content %}\
{% if part.type == 'video' %}<video>
{% else %}{{ part.text }} {% endif %}{% endfor %}{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"""

_SMOL_TOKENS = ["<|im_start|>", "<end_of_utterance>", "<fake_token_around_image>", "<global-img>", "<image>", "<video>"]


@dataclass(frozen=True)
class Family:
    """A family of chat models: its processor, its model, and how many tokens its clips take."""

    processor: Any
    model: Callable[[], Any]
    tokens_of: Callable[[int], int]
    video_token: str


def _text_config(words: int, **more: Any) -> dict[str, Any]:
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    limits = {"num_key_value_heads": 1, "max_position_embeddings": 4096, "vocab_size": words}
    return {**sizes, **limits, **more}


def _ids(words: Any, names: Sequence[str]) -> list[int]:
    ids: list[int] = words.convert_tokens_to_ids(list(names))
    return ids


def qwen2_5_vl() -> Family:
    """Qwen2.5-VL: two frames share a grid, 14-pixel patches, four merged to one token."""
    processor = tiny_processor(IMAGE_PX)
    tokens = (IMAGE_PX // 28) ** 2
    return Family(processor, lambda: tiny_model(processor), lambda frames: -(-frames // 2) * tokens, "<|video_pad|>")


def qwen3_vl() -> Family:
    """Qwen3-VL: as Qwen2.5-VL with 16-pixel patches, and a time in words before each grid."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration, Qwen3VLProcessor, Qwen3VLVideoProcessor
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor

    words = tiny_tokenizer((*CONTROLS, *PADS), "<|im_end|>", "<|endoftext|>")
    edge = 64
    size = {"shortest_edge": 8 * edge**2, "longest_edge": 8 * edge**2}
    video = Qwen3VLVideoProcessor(size=size, cap_pixels_per_frame=False)
    image = Qwen2VLImageProcessor(patch_size=16)
    processor = Qwen3VLProcessor(image, words, video, chat_template=CHAT_TEMPLATE)

    def model() -> Any:
        start, end, video_id, image_id = _ids(words, ["<|vision_start|>", "<|vision_end|>", *PADS])
        vision = {"depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32}
        rope = {"rope_type": "default", "mrope_section": [2, 3, 3], "mrope_interleaved": True, "rope_theta": 10000.0}
        config = Qwen3VLConfig(
            text_config=_text_config(len(words), head_dim=16, rope_parameters=rope),
            vision_config={**vision, "deepstack_visual_indexes": [0], "num_position_embeddings": 64},
            image_token_id=image_id,
            video_token_id=video_id,
            vision_start_token_id=start,
            vision_end_token_id=end,
        )
        return Qwen3VLForConditionalGeneration(config)

    return Family(processor, model, lambda frames: -(-frames // 2) * (edge // 32) ** 2, "<|video_pad|>")


def smolvlm() -> Family:
    """SmolVLM: every frame an image of its own, with its time in words."""
    from transformers import SmolVLMConfig, SmolVLMForConditionalGeneration, SmolVLMProcessor
    from transformers.models.smolvlm.image_processing_smolvlm import SmolVLMImageProcessor
    from transformers.models.smolvlm.video_processing_smolvlm import SmolVLMVideoProcessor

    words = tiny_tokenizer(tuple(_SMOL_TOKENS), "<end_of_utterance>", "<|im_start|>", "<|im_start|>")
    edge = {"longest_edge": IMAGE_PX}
    processor = SmolVLMProcessor(
        SmolVLMImageProcessor(size=edge, max_image_size=edge),
        words,
        SmolVLMVideoProcessor(size=edge, max_image_size=edge, num_frames=64, fps=1),
        image_seq_len=4,
    )

    def model() -> Any:
        vision = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
        config = SmolVLMConfig(
            text_config={**_text_config(len(words)), "model_type": "llama", "pad_token_id": words.pad_token_id},
            vision_config={**vision, "image_size": IMAGE_PX, "patch_size": 14},
            image_token_id=_ids(words, ["<image>"])[0],
            scale_factor=2,
            pad_token_id=words.pad_token_id,
        )
        return SmolVLMForConditionalGeneration(config)

    return Family(processor, model, lambda frames: 4 * frames, "<image>")


def llava_onevision() -> Family:
    """LLaVA-OneVision: frames pooled to a quarter, one newline token at the end."""
    from transformers import LlavaOnevisionConfig, LlavaOnevisionForConditionalGeneration, LlavaOnevisionProcessor
    from transformers.models.llava_onevision.image_processing_llava_onevision import LlavaOnevisionImageProcessor
    from transformers.models.llava_onevision.video_processing_llava_onevision import LlavaOnevisionVideoProcessor

    words = tiny_tokenizer(
        ("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<video>", "<image>"), "<|im_end|>", "<|endoftext|>"
    )
    size = {"height": IMAGE_PX, "width": IMAGE_PX}
    processor = LlavaOnevisionProcessor(
        LlavaOnevisionImageProcessor(size=size),
        words,
        LlavaOnevisionVideoProcessor(size=size),
        num_image_tokens=16,
        vision_feature_select_strategy="full",
        chat_template=_LLAVA_QWEN,
    )

    def model() -> Any:
        vision = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
        video_id, image_id = _ids(words, ["<video>", "<image>"])
        config = LlavaOnevisionConfig(
            text_config={**_text_config(len(words)), "model_type": "qwen2"},
            vision_config={**vision, "model_type": "siglip_vision_model", "image_size": IMAGE_PX, "patch_size": 14},
            image_token_index=image_id,
            video_token_index=video_id,
        )
        return LlavaOnevisionForConditionalGeneration(config)

    return Family(processor, model, lambda frames: 4 * frames + 1, "<video>")


def llava_next_video() -> Family:
    """LLaVA-NeXT-Video: a template without an end of the assistant's turn."""
    from transformers import LlavaNextVideoConfig, LlavaNextVideoForConditionalGeneration, LlavaNextVideoProcessor
    from transformers.models.llava_next.image_processing_llava_next import LlavaNextImageProcessor
    from transformers.models.llava_next_video.video_processing_llava_next_video import LlavaNextVideoVideoProcessor

    words = tiny_tokenizer(("<s>", "</s>", "<pad>", "<video>", "<image>"), "</s>", "<pad>", "<s>")
    size = {"shortest_edge": IMAGE_PX}
    crop = {"height": IMAGE_PX, "width": IMAGE_PX}
    processor = LlavaNextVideoProcessor(
        video_processor=LlavaNextVideoVideoProcessor(size=size, crop_size=crop),
        image_processor=LlavaNextImageProcessor(size=size, crop_size=crop),
        tokenizer=words,
        chat_template=_VICUNA,
        patch_size=14,
        vision_feature_select_strategy="default",
    )

    def model() -> Any:
        vision = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
        video_id, image_id = _ids(words, ["<video>", "<image>"])
        config = LlavaNextVideoConfig(
            text_config={**_text_config(len(words)), "model_type": "llama"},
            vision_config={**vision, "model_type": "clip_vision_model", "image_size": IMAGE_PX, "patch_size": 14},
            image_token_index=image_id,
            video_token_index=video_id,
            image_seq_length=4,
        )
        return LlavaNextVideoForConditionalGeneration(config)

    return Family(processor, model, lambda frames: 4 * frames, "<video>")


FAMILIES: dict[str, Callable[[], Family]] = {
    "qwen2.5-vl": qwen2_5_vl,
    "qwen3-vl": qwen3_vl,
    "smolvlm": smolvlm,
    "llava-onevision": llava_onevision,
    "llava-next-video": llava_next_video,
}
