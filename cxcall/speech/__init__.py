"""Speech: from sound to words, and what they mean. Pure but for `engines`, which load models and decode."""
