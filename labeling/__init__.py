"""Label Studio: what annotators are asked, what they answer, and how far to trust it."""
