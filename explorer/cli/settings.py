"""The settings of the product in one table, which the command line is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: ``name`` as in the options, and a line of help."""

    name: str
    help: str


SETTINGS: Final = (
    Setting("model", "A model of the table (`rosette models`) or a classifier's file."),
    Setting("layer", "The layer to read, where the penultimate one is not what you want."),
    Setting("preprocess", "Scaling of pixels: raw, 0..1, -1..1, imagenet or caffe."),
    Setting("trust_model_code", "Run code that a model's file carries; it can do what you can."),
    Setting(
        "second_look",
        "A further model by which labels are judged too; none; auto: embedded beside a file.",
    ),
    Setting(
        "text_model", "A folder with encoders of images and texts, such as CLIP's, for sentences."
    ),
    Setting("words", "What the text model may call parts by: a file, one word a line."),
    Setting("embeddings", "Ready-made embeddings: .npy, .npz or .parquet. No model runs."),
    Setting("labels", "Use the labels; --no-labels takes the data set as one class."),
    Setting(
        "label_from",
        "Where labels are: parent, grandparent, folder:N, name:REGEX, path:REGEX or column:NAME.",
    ),
    Setting(
        "label_names",
        "A file with names of labels that are numbers, a name a line or id and name; or none.",
    ),
    Setting("box_context", "Of annotated boxes: the share of a side taken in around, such as 0.1."),
    Setting("subset_from", "The same for subsets (train, test …); none leaves them aside."),
    Setting(
        "answers",
        "Who checks single labels: cross-check, or the model where it was not trained on them.",
    ),
    Setting(
        "predictions",
        "What your model says of the images: .csv, .parquet or .npz with file and predicted label.",
    ),
    Setting("pool", "Images without labels, to be collected from: a folder."),
    Setting("collect_slice", "Collect for a slice: its number in `rosette report --slices`."),
    Setting("collect_label", "Collect for a label, or a cluster of it (--cluster)."),
    Setting("collect_cluster", "The cluster of --label, by its number."),
    Setting("collect_selection", "Collect for a saved selection."),
    Setting("collect_most", "Images to name at most."),
    Setting("collect_out", "Write the list to this file, as CSV; by default it is printed."),
    Setting("layout", "What draws the maps: built-in, or umap-learn to compare."),
    Setting("seed", "Of everything random: the same seed gives the same clusters."),
    Setting(
        "precision",
        "fp32; bf16 or fp16 where the machine has it: faster, less exact.",
    ),
    Setting("batch_size", "Images that the model takes at once; by default what suits it."),
    Setting("health", "Odd files, copies, poor pictures, balance."),
    Setting("confusion", "Which labels are taken for which, and the figures of each."),
    Setting("html", "Write a report to send instead: one file, no network, no script."),
    Setting("images", "Show pictures in it; --no-images leaves them out."),
    Setting("classes", "Search by the words of the model's classes, not by the text model."),
    Setting("searched_model", "The model's file, where it is not one of `rosette models`."),
    Setting("slices", "On which parts of the data set your model fails."),
    Setting("by", "Whose word the confusions are: the check of the run, or the model."),
    Setting("engine", "local: this machine; ray: a Ray cluster."),
    Setting("ray_address", "Of the cluster; else RAY_ADDRESS, else one is started here."),
    Setting("host", "Address to serve at."),
    Setting("port", "Port to serve at; a free one is taken where it is in use."),
    Setting("to", "The format; `rosette formats` lists them."),
    Setting("scope", "all, decided, flagged, label:NAME or selection:NAME."),
    Setting("format", "csv, labelstudio or fiftyone; by default told from the file."),
    Setting("store", "Where decisions are kept: postgresql+psycopg://…; else the workspace."),
    Setting("reviewer", "Who decides; by default the name that you are logged in with."),
    Setting("overrule", "Insist on what was decided otherwise since the file was written."),
    Setting("against", "A workspace that the page Changes compares with."),
    Setting(
        "token",
        "What a browser has to show; made and printed where strangers can come. Others of this "
        "machine see it in the list of processes: rather give --token-file, or ROSETTE_TOKEN.",
    ),
    Setting("token_file", "A file that holds the token, for your eyes only."),
    Setting("allow_host", "Another name that the server answers to; may be given again."),
    Setting("read_only", "Look, and decide nothing."),
    Setting("prefix", "The path below which a reverse proxy shows the app, as /rosette/."),
    Setting("behind_proxy", "Believe the X-Forwarded headers; only behind your own proxy."),
    Setting("opened", "Show the app at once: the first findings come while images are looked at."),
    Setting("wait", "Before there are findings show how far the run is, then them."),
    Setting("browser", "Open the browser."),
)


def setting(name: str) -> Setting:
    """Return the setting of that name."""
    return next(s for s in SETTINGS if s.name == name)
