"""A chat model of the Qwen2.5-VL family with random weights, small enough for any CPU and made without a network."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from equime_builder.vqa_templates import COARSE, FINE, TOGETHER_MANY, TOGETHER_MANY_ANSWER, UNITS, WORDINGS

CONTROLS: Final = ("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|vision_start|>", "<|vision_end|>")
PADS: Final = ("<|video_pad|>", "<|image_pad|>")

CHAT_TEMPLATE: Final = """{% for message in messages %}{% if loop.first and message.role != 'system' %}\
<|im_start|>system
You are a helpful assistant.<|im_end|>
{% endif %}<|im_start|>{{ message.role }}
{% for part in message.content %}{% if part.type == 'video' %}<|vision_start|><|video_pad|><|vision_end|>\
{% else %}{{ part.text }}{% endif %}{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
"""As the family's, without images and tools."""


@cache
def tiny_tokenizer(controls: tuple[str, ...], end: str, pad: str, begin: str | None = None) -> Any:
    """Return a byte-level BPE tokenizer of 400 pieces, trained on our own questions, with control tokens besides."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    texts = [COARSE, FINE, UNITS, TOGETHER_MANY, TOGETHER_MANY_ANSWER, "yes no left right both negative brow lowerer"]
    texts += [wording for wordings in WORDINGS.values() for wording in wordings]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False, special_tokens=[])
    bpe.train_from_iterator(texts, trainer)
    bpe.add_special_tokens(list(controls))
    return PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token=end, pad_token=pad, bos_token=begin)


def tiny_processor(edge_px: int) -> Any:
    """Return a processor that makes frames ``edge_px`` wide and high, a multiple of 28."""
    from transformers import Qwen2_5_VLProcessor
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor
    from transformers.models.qwen2_vl.video_processing_qwen2_vl import Qwen2VLVideoProcessor

    words = tiny_tokenizer((*CONTROLS, *PADS), "<|im_end|>", "<|endoftext|>")
    size = {"shortest_edge": edge_px**2, "longest_edge": edge_px**2}
    video = Qwen2VLVideoProcessor(size=size, cap_pixels_per_frame=False)
    return Qwen2_5_VLProcessor(Qwen2VLImageProcessor(size=size), words, video, chat_template=CHAT_TEMPLATE)


def tiny_model(processor: Any) -> Any:
    """Return a model for the processor, with some 100,000 random weights."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    words = processor.tokenizer
    start, end, video_id, image_id = words.convert_tokens_to_ids(["<|vision_start|>", "<|vision_end|>", *PADS])
    sizes = {"hidden_size": 32, "intermediate_size": 64}
    rope = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0}
    heads = {"num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1}
    limits = {"max_position_embeddings": 4096, "vocab_size": len(words)}
    ends = {"bos_token_id": None, "eos_token_id": words.eos_token_id, "pad_token_id": words.pad_token_id}
    vision = {"depth": 2, "num_heads": 2, "out_hidden_size": 32, "fullatt_block_indexes": [1], "window_size": 56}
    config = Qwen2_5_VLConfig(
        text_config={**sizes, **heads, **limits, **ends, "rope_parameters": rope},
        vision_config={**sizes, **vision},
        image_token_id=image_id,
        video_token_id=video_id,
        vision_start_token_id=start,
        vision_end_token_id=end,
    )
    return Qwen2_5_VLForConditionalGeneration(config)
