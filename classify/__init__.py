"""What kind of matter a text is about: a linear model on character n-grams that says which words spoke for it."""
