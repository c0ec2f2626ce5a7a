"""The chat page. Importing this package is cheap; gradio is loaded by `qa.web.page`."""

import os

# Read when gradio and its hub client are imported, so set before either is: the page asks nothing of other hosts.
os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", GRADIO_RUN_HISTORY="False")
