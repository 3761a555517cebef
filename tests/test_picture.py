from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from restore.errors import UnreadableImage, UnwritableOutput
from restore.picture import read_pages, read_picture, write_picture

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="1"/></x:xmpmeta>'


def exif_block(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[271] = "Maker"
    exif[274] = orientation
    exif.get_ifd(0x8769)[36867] = "2001:02:03 04:05:06"
    return exif.tobytes()


def copied(path: Path, target: Path) -> Image.Image:
    write_picture(read_picture(path), target)
    with Image.open(target) as image:
        image.load()
        return image


@pytest.mark.parametrize(
    ("suffix", "format"), [(".jpg", "JPEG"), (".png", "PNG"), (".tif", "TIFF"), (".webp", "WEBP")]
)
def test_metadata_survives(
    tmp_path: Path, photo: NDArray[np.uint8], suffix: str, format: str
) -> None:
    path, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    options: dict[str, Any] = {"exif": exif_block(), "icc_profile": ICC, "dpi": (300, 300)}
    if format == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP.decode())
    elif format == "TIFF":
        options["exif"] = Image.Exif()
        options["exif"].load(exif_block())
        options["exif"][700] = XMP
    else:
        options["xmp"] = XMP
    Image.fromarray(photo).save(path, format, **options)
    image = copied(path, target)
    assert image.format == format
    assert image.info["icc_profile"] == ICC
    assert image.getexif()[271] == "Maker"
    assert image.getexif().get_ifd(0x8769)[36867] == "2001:02:03 04:05:06"
    xmp = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
    assert (xmp.encode() if isinstance(xmp, str) else xmp) == XMP
    if format != "WEBP":
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    if format in {"JPEG", "WEBP"}:  # the very bytes, maker notes and all
        with Image.open(path) as original:
            assert image.info["exif"] == original.info["exif"]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_pictures_are_turned_upright(
    tmp_path: Path, photo: NDArray[np.uint8], orientation: int, suffix: str
) -> None:
    from PIL import ImageOps

    path = tmp_path / f"turned{suffix}"
    Image.fromarray(photo).save(path, exif=exif_block(orientation), quality=95)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.array, expected)
    write_picture(picture, tmp_path / f"out{suffix}")
    with Image.open(tmp_path / f"out{suffix}") as image:
        assert image.getexif().get(274) == 1
        assert image.getexif()[271] == "Maker"
        assert image.size == (expected.shape[1], expected.shape[0])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_deep_tiffs_are_turned_upright_once(
    tmp_path: Path, orientation: int, shape: tuple[int, ...], planar: str
) -> None:
    from PIL import ImageOps

    array = np.random.default_rng(0).integers(0, 65536, shape, np.uint16)
    small = Image.fromarray((array >> 8).astype(np.uint8))
    small.getexif()[274] = orientation
    expected = np.asarray(ImageOps.exif_transpose(small))
    stored = np.moveaxis(array, 2, 0) if planar == "separate" and array.ndim == 3 else array
    tifffile.imwrite(
        tmp_path / "a.tif",
        stored,
        photometric="rgb" if array.ndim == 3 else "minisblack",
        planarconfig=planar if array.ndim == 3 else None,
        compression="zlib",
        extratags=[(274, "H", 1, orientation, True)],
    )
    found = read_picture(tmp_path / "a.tif")
    assert found.array.dtype == np.uint16
    np.testing.assert_array_equal(found.array >> 8, expected)
    write_picture(found, tmp_path / "b.tif")
    np.testing.assert_array_equal(read_picture(tmp_path / "b.tif").array, found.array)


def test_a_page_has_its_own_profile(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for icc in (profile, None):
            file.write(np.zeros((8, 8, 3), np.uint8), photometric="rgb", iccprofile=icc)
    pages = read_pages((tmp_path / "a.tif").read_bytes(), tmp_path / "a.tif")
    assert [page.metadata.icc for page in pages] == [profile, None]


@pytest.mark.parametrize("resolution", [((0, 0), (0, 0)), ((300, 0), (300, 0))])
def test_a_resolution_that_is_none(tmp_path: Path, resolution: Any) -> None:
    tags = [(282, "2I", 1, resolution[0], True), (283, "2I", 1, resolution[1], True)]
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 8, 3), np.uint8), extratags=tags)
    picture = read_picture(tmp_path / "a.tif")
    assert picture.metadata.dpi is None
    for suffix in (".tif", ".png", ".jpg"):
        write_picture(picture, tmp_path / f"b{suffix}")


def test_a_large_profile_can_be_read_again(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    large = profile + bytes(3 << 20)
    picture = read_picture(_with_profile(tmp_path / "a.tif", large))
    write_picture(picture, tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").metadata.icc == large


def _with_profile(path: Path, profile: bytes) -> Path:
    tifffile.imwrite(path, np.zeros((8, 8, 3), np.uint8), photometric="rgb", iccprofile=profile)
    return path


@pytest.mark.filterwarnings("ignore:Tag data larger than file")
@pytest.mark.parametrize(("kind", "order"), [("H", "<"), ("I", ">")])
def test_a_bad_entry_does_not_hide_the_orientation(
    tmp_path: Path, photo: NDArray[np.uint8], kind: str, order: str
) -> None:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    value = struct.pack(order + kind, 6).ljust(4, b"\0")
    entries = struct.pack(order + "HHI", 274, 3 if kind == "H" else 4, 1) + value
    entries += struct.pack(order + "HHII", 305, 2, 100, 100_000)  # beyond the block
    block = mark + struct.pack(order + "IH", 8, 2) + entries + bytes(4)
    Image.fromarray(photo).save(tmp_path / "a.jpg", exif=b"Exif\0\0" + block)
    picture = read_picture(tmp_path / "a.jpg")
    assert picture.array.shape[:2] == photo.shape[1::-1]
    assert picture.metadata.exif is not None
    assert struct.unpack_from(order + kind, picture.metadata.exif, 18) == (1,)


def test_orientation_in_xmp_is_set_upright_too(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    path = tmp_path / "a.jpg"
    xmp = XMP.replace(b'"1"', b'"6"')
    Image.fromarray(photo).save(path, exif=exif_block(6), xmp=xmp)
    assert read_picture(path).metadata.xmp == XMP


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3), (20, 30, 4)])
def test_16_bits_stay_16_bits(tmp_path: Path, suffix: str, shape: tuple[int, ...]) -> None:
    import cv2

    array = np.random.default_rng(0).integers(0, 65536, shape, np.uint16)
    path, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    bgr = array if array.ndim == 2 else array[..., [2, 1, 0, 3][: shape[2]]]
    assert cv2.imwrite(str(path), np.ascontiguousarray(bgr))
    picture = read_picture(path)
    assert picture.array.dtype == np.uint16
    np.testing.assert_array_equal(picture.array, array)
    write_picture(picture, target)
    np.testing.assert_array_equal(read_picture(target).array, array)


def test_16_bit_metadata_survives(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 65536, (20, 30, 3), np.uint16)
    path = tmp_path / "in.tif"
    tifffile.imwrite(
        path, array, photometric="rgb", iccprofile=ICC, extratags=[(271, 2, 0, "Maker", True)]
    )
    for name in ("out.tif", "out.png"):
        image = copied(path, tmp_path / name)
        assert image.info["icc_profile"] == ICC
        assert image.getexif()[271] == "Maker"


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_alpha_survives(tmp_path: Path, photo: NDArray[np.uint8], suffix: str) -> None:
    alpha = np.random.default_rng(0).integers(0, 256, photo.shape[:2], np.uint8)
    array = np.dstack([photo, alpha])
    path = tmp_path / f"in{suffix}"
    options = {"lossless": True, "exact": True} if suffix == ".webp" else {}
    Image.fromarray(array).save(path, **options)
    image = copied(path, tmp_path / f"out{suffix}")
    np.testing.assert_array_equal(np.asarray(image), array)


def test_jpeg_shows_white_where_nothing_was(tmp_path: Path) -> None:
    array = np.zeros((16, 16, 4), np.uint8)
    Image.fromarray(array).save(tmp_path / "a.png")
    image = copied(tmp_path / "a.png", tmp_path / "a.jpg")
    assert np.asarray(image).min() > 250


def test_jpeg_keeps_its_coding(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    Image.fromarray(photo).save(tmp_path / "fine.jpg", quality=96, subsampling=1)
    with Image.open(tmp_path / "fine.jpg") as original:
        tables = original.quantization  # type: ignore[attr-defined]
    image = copied(tmp_path / "fine.jpg", tmp_path / "out.jpg")
    assert image.quantization == tables  # type: ignore[attr-defined]
    Image.fromarray(photo).save(tmp_path / "coarse.jpg", quality=40)
    image = copied(tmp_path / "coarse.jpg", tmp_path / "out.jpg")
    assert sum(image.quantization[0]) < sum(tables[0]) * 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("moving", [False, True])
@pytest.mark.parametrize("lossless", [False, True])
def test_webp_stays_lossless_whatever_comes_before_its_pixels(
    tmp_path: Path, photo: NDArray[np.uint8], lossless: bool, moving: bool
) -> None:
    image = Image.fromarray(photo)
    frames = {"save_all": True, "append_images": [image.rotate(90)]}
    options: dict[str, Any] = frames if moving else {}
    profile = ICC + bytes(10_001)
    image.save(tmp_path / "a.webp", lossless=lossless, icc_profile=profile, **options)
    assert read_picture(tmp_path / "a.webp").lossless == lossless


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LAB"])
def test_other_modes(tmp_path: Path, photo: NDArray[np.uint8], mode: str) -> None:
    image = Image.fromarray(photo)
    if mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.buildTransform(srgb, lab, "RGB", "LAB").apply(image)
    else:
        image = image.convert(mode)
    path = tmp_path / "a.tif"
    image.save(path)
    array = read_picture(path).array
    assert array.ndim == (2 if mode in {"L", "1"} else 3)
    if mode in {"CMYK", "LAB"}:
        assert np.abs(array.astype(int) - photo).mean() < 12


def test_further_pages_are_mentioned(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    image = Image.fromarray(photo)
    image.save(tmp_path / "a.tif", save_all=True, append_images=[image, image])
    assert "first of 3" in read_picture(tmp_path / "a.tif").note


def test_bad_files_are_named(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    (tmp_path / "text.jpg").write_text("not a picture")
    (tmp_path / "empty.png").touch()
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "JPEG")
    (tmp_path / "cut.jpg").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    Image.fromarray(photo[..., 0].astype(np.float32)).save(tmp_path / "float.tif")
    for name in ("text.jpg", "empty.png", "cut.jpg", "float.tif", "missing.png"):
        with pytest.raises(UnreadableImage, match=name):
            read_picture(tmp_path / name)


def test_a_failed_write_leaves_nothing(
    tmp_path: Path, photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    Image.fromarray(photo).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableOutput, match="another output folder"):
        write_picture(picture, tmp_path / "file" / "b.png")

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(UnwritableOutput, match=r"b\.xyz: no format"):
        write_picture(picture, tmp_path / "b.xyz")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(UnwritableOutput, match="No space left"):
        write_picture(picture, tmp_path / "b.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "file"]


@pytest.mark.parametrize(("mode", "order"), [("I;16", "<"), ("I;16L", "<"), ("I;16B", ">")])
def test_deep_gray_images_keep_their_depth(mode: str, order: str) -> None:
    from restore.arrays import like, to_array

    values = np.array([[1000, 40000]], np.uint16)
    image = Image.frombytes(mode, (2, 1), values.astype(order + "u2").tobytes())
    array = to_array(image)
    assert array.dtype == np.uint16
    np.testing.assert_array_equal(array, values)
    np.testing.assert_array_equal(to_array(like(array, image)), values)


@pytest.mark.parametrize("mode", ["I", "F", "La"])
def test_images_that_do_not_say_what_is_white_are_refused(mode: str) -> None:
    from restore.arrays import to_array
    from restore.errors import UnreadableImage

    with pytest.raises(UnreadableImage, match=f"mode {mode}"):
        to_array(Image.new(mode, (4, 4)))


@pytest.mark.parametrize("space", [b"GRAY", b"RGB "])
def test_what_no_longer_fits_an_image_in_colour_is_left_out(
    photo: NDArray[np.uint8], space: bytes
) -> None:
    from restore.arrays import like

    image = Image.fromarray(photo[..., 0])
    profile = ICC[:16] + space + ICC[20:]
    image.info |= {"transparency": 3, "icc_profile": profile, "dpi": (300, 300)}
    assert like(photo[..., 0], image).info == image.info
    coloured = like(photo, image)
    kept = {"icc_profile": profile} if space == b"RGB " else {}
    assert coloured.info == kept | {"dpi": (300, 300)}
    coloured.save(io.BytesIO(), "PNG")
