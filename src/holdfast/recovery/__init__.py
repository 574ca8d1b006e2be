"""Wing B: how a city loses and regains its functions. Pure: no input or output."""
