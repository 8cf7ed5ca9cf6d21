"""Small parts that several panels are made of: words for time and place, frames, meters, signs."""
