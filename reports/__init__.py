"""Reports made from what already happened: their sentences, their official layout (GB/T 9704) and their ledgers."""
