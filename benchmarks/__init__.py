"""Speed and memory of the build, side by side with what people use instead."""
