"""What may come in: the sizes, kinds and contents of files that anybody may have written."""
