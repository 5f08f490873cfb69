"""LTX-Video, conditioned by keyframes that the warp renderer draws."""
