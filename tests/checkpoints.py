"""Tiny question-answering checkpoints, trained tokenizers and drawn weights; and whether two read the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from embeddings.engine.span_model import Window

CORPUS = [
    "Marrow Point Lighthouse was first lit on 4 May 1871, after six years of building.",
    "Who built the tower? Zoë Fenwick paid 12,400 crowns for granite, and the keeper stayed.",
] * 4
SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def save_wordpiece(folder: Path, **settings: Any) -> None:
    """A tokenizer as BERT has it, with lower case and without accents."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    names = {f"{name[1:-1].lower()}_token": name for name in special}
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=inputs, **names, **settings).save_pretrained(
        folder
    )


def save_byte_level(folder: Path, *, trimmed: bool, **settings: Any) -> None:
    """A tokenizer as RoBERTa has it; unless `trimmed`, its offsets hold the blank before a word."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trimmed, False)
    names = dict(zip(["cls_token", "pad_token", "sep_token", "unk_token", "mask_token"], special, strict=True))
    inputs = ["input_ids", "attention_mask"]
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=inputs, **names, **settings).save_pretrained(
        folder
    )


def save_bert(folder: Path, *, head: bool = True, positions: int = 64, **tokenizer: Any) -> Path:
    """A BERT that finds spans, or (`head`) one that lacks the part that does."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering, BertModel

    config = BertConfig(vocab_size=200, max_position_embeddings=positions, initializer_range=0.5, **SMALL)
    torch.manual_seed(1)
    (BertForQuestionAnswering if head else BertModel)(config).save_pretrained(folder)
    save_wordpiece(folder, **tokenizer)
    return folder


def save_roberta(folder: Path, *, trimmed: bool = True, positions: int = 64, **tokenizer: Any) -> Path:
    """A RoBERTa that finds spans; it counts positions from behind its padding id on, so its table is larger by two."""
    import torch
    from transformers import RobertaConfig, RobertaForQuestionAnswering

    config = RobertaConfig(
        vocab_size=300,
        max_position_embeddings=positions + 2,
        type_vocab_size=1,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        initializer_range=0.5,
        **SMALL,
    )
    torch.manual_seed(2)
    RobertaForQuestionAnswering(config).save_pretrained(folder)
    save_byte_level(folder, trimmed=trimmed, **tokenizer)
    return folder


def hold_alike(windows: Sequence[Window], others: Sequence[Window]) -> None:
    """Assert that windows are the same stretches of the same texts, with the same scores but for rounding."""
    for one, other in zip(windows, others, strict=True):
        assert one.text == other.text
        assert one.offsets.tolist() == other.offsets.tolist()
        assert one.inside.tolist() == other.inside.tolist()
        np.testing.assert_allclose(one.starts, other.starts, atol=1e-4)
        np.testing.assert_allclose(one.ends, other.ends, atol=1e-4)
        np.testing.assert_allclose(one.null, other.null, atol=1e-4)
