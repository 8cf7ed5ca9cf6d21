"""What is printed: a case's file (卷宗) and the lists of open cases for when the screens are dark."""
