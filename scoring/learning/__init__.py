"""What is learnt from datasets: networks, their files, and what they are shown."""
