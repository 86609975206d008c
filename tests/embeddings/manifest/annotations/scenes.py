"""Two pictures with coloured boxes in them, and the same annotated in every format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw

SIZE = (120, 80)
COLOURS = {"cat": (220, 30, 30), "dog": (30, 30, 220)}
# picture → (label, left, top, width, height)
BOXES: dict[str, list[tuple[str, int, int, int, int]]] = {
    "one": [("cat", 10, 10, 30, 20), ("dog", 60, 30, 40, 40)],
    "two": [("dog", 0, 0, 50, 30), ("cat", 70, 50, 50, 30), ("cat", 55, 5, 20, 20)],
}
LABELS = sorted(label for boxes in BOXES.values() for label, *_ in boxes)


def draw(folder: Path) -> None:
    """Write the pictures as PNG into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, boxes in BOXES.items():
        image = Image.new("RGB", SIZE, "white")
        pen = ImageDraw.Draw(image)
        for label, left, top, width, height in boxes:
            pen.rectangle((left, top, left + width - 1, top + height - 1), COLOURS[label])
        image.save(folder / f"{name}.png")


def put(path: Path, content: Any) -> Path:
    """Write text, or anything else as JSON, and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def coco(root: Path) -> Path:
    """As in COCO itself: annotations beside the folder of pictures."""
    draw(root / "train2017")
    categories = {"cat": 3, "dog": 18}
    images = [
        {"id": i, "file_name": f"{name}.png", "width": SIZE[0], "height": SIZE[1]}
        for i, name in enumerate(BOXES)
    ]
    annotations = [
        {"id": 7, "image_id": i, "category_id": categories[label], "bbox": box, "iscrowd": 0}
        for i, boxes in enumerate(BOXES.values())
        for label, *box in boxes
    ]
    named = [{"id": number, "name": name} for name, number in categories.items()]
    content = {"info": {}, "images": images, "annotations": annotations, "categories": named}
    return put(root / "annotations/instances_train2017.json", content)


def yolo(root: Path) -> Path:
    """As Ultralytics has it."""
    draw(root / "images/train")
    for name, boxes in BOXES.items():
        lines = [
            f"{['cat', 'dog'].index(label)} {(x + w / 2) / SIZE[0]:.6f} {(y + h / 2) / SIZE[1]:.6f}"
            f" {w / SIZE[0]:.6f} {h / SIZE[1]:.6f}\n"
            for label, x, y, w, h in boxes
        ]
        put(root / f"labels/train/{name}.txt", "".join(lines))
    content = {"path": ".", "train": "images/train", "names": {0: "cat", 1: "dog"}}
    return put(root / "data.yaml", yaml.safe_dump(content))


def voc(root: Path) -> Path:
    """As Pascal VOC: an XML a picture."""
    draw(root / "JPEGImages")
    for name, boxes in BOXES.items():
        objects = "".join(
            f"<object><name>{label}</name><difficult>0</difficult><bndbox><xmin>{x}</xmin>"
            f"<ymin>{y}</ymin><xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox></object>"
            for label, x, y, w, h in boxes
        )
        size = f"<size><width>{SIZE[0]}</width><height>{SIZE[1]}</height><depth>3</depth></size>"
        put(
            root / f"Annotations/{name}.xml",
            f"<annotation><filename>{name}.png</filename>{size}{objects}</annotation>",
        )
    return root


def cvat(root: Path) -> Path:
    """As *CVAT for images 1.1*."""
    draw(root / "images")
    images = "".join(
        f'<image id="{i}" name="{name}.png" width="{SIZE[0]}" height="{SIZE[1]}">'
        + "".join(
            f'<box label="{label}" xtl="{x}.0" ytl="{y}.0" xbr="{x + w}.0" ybr="{y + h}.0"/>'
            for label, x, y, w, h in boxes
        )
        + "</image>"
        for i, (name, boxes) in enumerate(BOXES.items())
    )
    return put(
        root / "annotations.xml", f"<annotations><version>1.1</version>{images}</annotations>"
    )


def cvat_video(root: Path) -> Path:
    """As *CVAT for video 1.1*: a track for each box, that goes out of sight at the end."""
    draw(root / "images")
    for number, name in enumerate(BOXES):
        (root / f"images/{name}.png").rename(root / f"images/frame_{number:06d}.png")
    tracks = "".join(
        f'<track id="0" label="{label}">'
        f'<box frame="{number}" keyframe="1" outside="0" xtl="{x}" ytl="{y}" xbr="{x + w}" '
        f'ybr="{y + h}"/><box frame="7" keyframe="1" outside="1" xtl="0" ytl="0" xbr="9" ybr="9"/>'
        "</track>"
        for number, boxes in enumerate(BOXES.values())
        for label, x, y, w, h in boxes
    )
    size = f"<original_size><width>{SIZE[0]}</width><height>{SIZE[1]}</height></original_size>"
    meta = f"<meta><task>{size}</task></meta>"
    return put(root / "annotations.xml", f"<annotations>{meta}{tracks}</annotations>")


def labelme(root: Path) -> Path:
    """As LabelMe: a JSON beside each picture."""
    draw(root)
    for name, boxes in BOXES.items():
        shapes = [
            {"label": label, "points": [[x, y], [x + w, y + h]], "shape_type": "rectangle"}
            for label, x, y, w, h in boxes
        ]
        content = {
            "version": "5.4.1", "flags": {}, "shapes": shapes, "imagePath": f"{name}.png",
            "imageData": None, "imageHeight": SIZE[1], "imageWidth": SIZE[0],
        }  # fmt: skip
        put(root / f"{name}.json", content)
    return root


def labelstudio(root: Path) -> Path:
    """As Label Studio's JSON, of pictures that were uploaded."""
    draw(root / "upload")
    tasks = []
    for number, (name, boxes) in enumerate(BOXES.items()):
        results = [
            {
                "type": "rectanglelabels", "from_name": "label", "to_name": "image",
                "original_width": SIZE[0], "original_height": SIZE[1],
                "value": {
                    "x": 100 * x / SIZE[0], "y": 100 * y / SIZE[1], "width": 100 * w / SIZE[0],
                    "height": 100 * h / SIZE[1], "rotation": 0, "rectanglelabels": [label],
                },
            }
            for label, x, y, w, h in boxes
        ]  # fmt: skip
        annotations = [
            {"result": [], "was_cancelled": True, "updated_at": "2025"},
            {"result": results, "updated_at": "2024"},
        ]
        image = f"/data/upload/3/0a1b2c3d-{name}.png"
        tasks.append({"id": number, "data": {"image": image}, "annotations": annotations})
    return put(root / "project.json", tasks)


def fiftyone(root: Path) -> Path:
    """As *FiftyOneImageDetectionDataset*."""
    draw(root / "data")
    labels = {
        name: [
            {
                "label": ["cat", "dog"].index(label),
                "bounding_box": [x / SIZE[0], y / SIZE[1], w / SIZE[0], h / SIZE[1]],
            }
            for label, x, y, w, h in boxes
        ]
        for name, boxes in BOXES.items()
    }
    return put(root / "labels.json", {"classes": ["cat", "dog"], "labels": labels})


def box_table(root: Path) -> Path:
    """As Roboflow's *Tensorflow Object Detection*: a row for each box."""
    draw(root)
    rows = "".join(
        f"{name}.png,{SIZE[0]},{SIZE[1]},{label},{x},{y},{x + w},{y + h}\r\n"
        for name, boxes in BOXES.items()
        for label, x, y, w, h in boxes
    )
    header = "filename,width,height,class,xmin,ymin,xmax,ymax\r\n"
    (root / "_annotations.csv").write_bytes((header + rows).encode())
    return root / "_annotations.csv"


FORMATS: dict[str, Callable[[Path], Path]] = {
    "COCO": coco,
    "YOLO": yolo,
    "Pascal VOC": voc,
    "CVAT": cvat,
    "CVAT for video": cvat_video,
    "LabelMe": labelme,
    "Label Studio": labelstudio,
    "FiftyOne": fiftyone,
    "table of boxes": box_table,
}
