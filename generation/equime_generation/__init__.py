"""Photos and plans in, clips out: sources, the causal model, renderers, engines and the command line."""
