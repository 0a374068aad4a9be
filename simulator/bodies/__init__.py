"""Body models, one file each, all giving the same plain `Body`."""
