"""Reference motions: what joints do over time, with no body and no camera."""
