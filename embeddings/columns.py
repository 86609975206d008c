"""Names of columns and files, in one place: what is written here is what other tools read."""

from __future__ import annotations

# -- an item ---------------------------------------------------------------------------
FILE = "file"  # path relative to the data set root, POSIX form
LABEL = "label"
SHA256 = "sha256"  # of the bytes of the file, hex; the identity of an item's content
STATUS = "status"  # one of STATUSES
REASON = "reason"  # why it is not ok, one line; "" where it is
BYTES = "bytes"
FORMAT = "format"  # by content: JPEG, PNG, …
WIDTH = "width"  # px, after EXIF orientation
HEIGHT = "height"
GREY = "grey"  # True where the picture holds no colour

OK = "ok"
UNREADABLE = "unreadable"
MISSING = "missing"
NO_IMAGE = "no image"  # ready-made embedding without an image file
STATUSES = (OK, UNREADABLE, MISSING, NO_IMAGE)

EMBEDDING = "embedding"
PREDICTED_CLASSES = "predicted_classes"  # indices of the likeliest classes, best first
PREDICTED_PROBABILITIES = "predicted_probabilities"
THUMBNAIL = "thumbnail"  # JPEG bytes

# -- maps ------------------------------------------------------------------------------
X = "x"  # the map of the item's own label
Y = "y"
MAP_X = "map_x"  # the map of the whole data set
MAP_Y = "map_y"

# -- findings --------------------------------------------------------------------------
CLUSTER = "cluster"  # -1 is noise; 0 is the largest cluster of its label
CLUSTER_PROBABILITY = "cluster_probability"
TYPICALITY = "typicality"  # rank key inside a cluster, 1 is most typical
SUSPICION = "suspicion"
IS_ODD = "is_odd"  # of a cluster: it is the one that does not show what its label says
SUGGESTED_LABEL = "suggested_label"
SUGGESTED_PROBABILITY = "suggested_probability"
CLUSTER_SUSPICION = "cluster_suspicion"  # what the cluster of an item is suspected of
CLUSTER_SUGGESTED_LABEL = "cluster_suggested_label"
DECISION = "decision"
PREDICTED = "predicted"
PREDICTED_PROBABILITY = "predicted_probability"

SIZE = "size"
N_CLUSTERS = "n_clusters"
SPLIT_SCORE = "split_score"
IS_SPLIT = "is_split"
VERDICT = "verdict"
SPLIT_REASON = "split_reason"
EVIDENCE = "evidence"
OWN_SCORE = "own_score"  # how likely a label is two kinds by the model's own embeddings
SECOND_SCORE = "second_score"  # … by those of the second look; both empty without one
SECOND_LOOK = "second_look"  # what only one of the two looks sees, in words; "" otherwise
STYLE = "style"  # a style that was found in a label, in words; "" otherwise
STYLE_GROUP = "style_group"  # labels with the same style share a number, -1 without one
NO_GROUP = -1
NEAR_COPIES = "near_copies"  # nearly the same pictures share a number, -1 without another
N_STRAYS = "n_strays"  # items of a label that are in no cluster: single wrong labels
# -- two labels that are one kind
LABEL_A = "label_a"
LABEL_B = "label_b"
SCORE = "score"
SIZE_A = "size_a"
SIZE_B = "size_b"
AFFINITY = "affinity"
MIXING = "mixing"
MERGE_COLUMNS = (LABEL_A, LABEL_B, SCORE, SIZE_A, SIZE_B, AFFINITY, MIXING, EVIDENCE)
NEAREST_LABEL = "nearest_label"
NEAREST_SIMILARITY = "nearest_similarity"
OUTSIDE_SHARE = "outside_share"
GAP = "gap"
STABILITY = "stability"

KIND_NAME = "kind_name"  # of a cluster: what the model's classes call it, None where nothing
KIND_GENERAL = "kind_general"  # the word that holds the classes of the name, "" for one class
KIND_COUNT = "kind_count"  # in so many of …
KIND_OF = "kind_of"  # … so many images the model sees it
KIND_BITS = "kind_bits"  # what the name tells about an image of the cluster
KIND_BY = "kind_by"  # the text model that named it, "" for the model of the run
KIND_COLUMNS = {
    KIND_NAME: "object",
    KIND_GENERAL: "object",
    KIND_COUNT: "int64",
    KIND_OF: "int64",
    KIND_BITS: "float64",
    KIND_BY: "object",
}

NOISE = -1
NO_LABEL = "unlabelled"  # the one label of a data set that has none

# -- what others call the column of files, in lower case ---------------------------------
FILE_NAMES = (
    "file", "path", "file_name", "filename", "image", "image_path", "filepath", "file_path",
    "image_file", "image_name", "image_filename", "imagename", "imagepath", "img_path",
    "img_name", "img_file", "img", "photo", "photo_path", "picture", "fname", "relpath",
    "relative_path", "full_path", "imgpath", "imgname",
)  # fmt: skip
