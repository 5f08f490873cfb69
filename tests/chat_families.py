"""Real processors and models of chat families, tiny and random, built without a network.

The tokenizer is a byte-level BPE trained on our own questions, with the control tokens of the family; templates are
the families' formats. Models have a few thousand weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from equime_builder.vqa_templates import COARSE, FINE, TOGETHER_MANY, TOGETHER_MANY_ANSWER, UNITS, WORDINGS

IMAGE_PX = 56

_QWEN = """{% for message in messages %}{% if loop.first and message.role != 'system' %}<|im_start|>system
You are a helpful assistant.<|im_end|>
{% endif %}<|im_start|>{{ message.role }}
{% for part in message.content %}{% if part.type == 'video' %}<|vision_start|><|video_pad|><|vision_end|>\
{% else %}{{ part.text }}{% endif %}{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
_LLAVA_QWEN = """{% for message in messages %}<|im_start|>{{ message.role }}
{% for part in message.content %}{% if part.type == 'video' %}<video>
{% else %}{{ part.text }}{% endif %}{% endfor %}<|im_end|>{% endfor %}\
{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
_VICUNA = """{% for message in messages %}{{ message.role.upper() }}: {% for part in message.content %}\
{% if part.type == 'video' %}<video>
{% else %}{{ part.text }} {% endif %}{% endfor %}{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"""

_QWEN_TOKENS = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|vision_start|>", "<|vision_end|>"]
_QWEN_PADS = ["<|video_pad|>", "<|image_pad|>"]
_SMOL_TOKENS = ["<|im_start|>", "<end_of_utterance>", "<fake_token_around_image>", "<global-img>", "<image>", "<video>"]


@dataclass(frozen=True)
class Family:
    """A family of chat models: its processor, its model, and how many tokens its clips take."""

    processor: Any
    model: Callable[[], Any]
    tokens_of: Callable[[int], int]
    video_token: str


@cache
def tokenizer(tokens: tuple[str, ...], end: str, pad: str, begin: str | None = None) -> Any:
    """Return a byte-level BPE tokenizer with these control tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    texts = [COARSE, FINE, UNITS, TOGETHER_MANY, TOGETHER_MANY_ANSWER, "yes no left right both negative brow lowerer"]
    texts += [wording for wordings in WORDINGS.values() for wording in wordings]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False, special_tokens=[])
    )
    bpe.add_special_tokens(list(tokens))
    return PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token=end, pad_token=pad, bos_token=begin)


def _text_config(words: int, **more: Any) -> dict[str, Any]:
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    limits = {"num_key_value_heads": 1, "max_position_embeddings": 4096, "vocab_size": words}
    return {**sizes, **limits, **more}


def _ids(words: Any, names: Sequence[str]) -> list[int]:
    ids: list[int] = words.convert_tokens_to_ids(list(names))
    return ids


def qwen2_5_vl() -> Family:
    """Qwen2.5-VL: two frames share a grid, 14-pixel patches, four merged to one token."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen2_5_VLProcessor
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor
    from transformers.models.qwen2_vl.video_processing_qwen2_vl import Qwen2VLVideoProcessor

    words = tokenizer((*_QWEN_TOKENS, *_QWEN_PADS), "<|im_end|>", "<|endoftext|>")
    size = {"shortest_edge": IMAGE_PX**2, "longest_edge": IMAGE_PX**2}
    video = Qwen2VLVideoProcessor(size=size, cap_pixels_per_frame=False)
    processor = Qwen2_5_VLProcessor(Qwen2VLImageProcessor(size=size), words, video, chat_template=_QWEN)

    def model() -> Any:
        start, end, video_id, image_id = _ids(words, ["<|vision_start|>", "<|vision_end|>", *_QWEN_PADS])
        vision = {"depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32}
        rope = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0}
        config = Qwen2_5_VLConfig(
            text_config=_text_config(len(words), rope_parameters=rope),
            vision_config={**vision, "fullatt_block_indexes": [1], "window_size": 56},
            image_token_id=image_id,
            video_token_id=video_id,
            vision_start_token_id=start,
            vision_end_token_id=end,
        )
        return Qwen2_5_VLForConditionalGeneration(config)

    return Family(processor, model, lambda frames: -(-frames // 2) * (IMAGE_PX // 28) ** 2, "<|video_pad|>")


def qwen3_vl() -> Family:
    """Qwen3-VL: as Qwen2.5-VL with 16-pixel patches, and a time in words before each grid."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration, Qwen3VLProcessor, Qwen3VLVideoProcessor
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor

    words = tokenizer((*_QWEN_TOKENS, *_QWEN_PADS), "<|im_end|>", "<|endoftext|>")
    edge = 64
    size = {"shortest_edge": 8 * edge**2, "longest_edge": 8 * edge**2}
    video = Qwen3VLVideoProcessor(size=size, cap_pixels_per_frame=False)
    image = Qwen2VLImageProcessor(patch_size=16)
    processor = Qwen3VLProcessor(image, words, video, chat_template=_QWEN)

    def model() -> Any:
        start, end, video_id, image_id = _ids(words, ["<|vision_start|>", "<|vision_end|>", *_QWEN_PADS])
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

    words = tokenizer(tuple(_SMOL_TOKENS), "<end_of_utterance>", "<|im_start|>", "<|im_start|>")
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

    words = tokenizer(
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

    words = tokenizer(("<s>", "</s>", "<pad>", "<video>", "<image>"), "</s>", "<pad>", "<s>")
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
