"""What is in a file stays in it, as readers see it that are not ours."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.ExifTags import IFD
from PIL.PngImagePlugin import PngInfo

import restore
from restore.errors import UnreadableImage
from restore.formats import eight_bits, jpeg, photoshop
from restore.formats import exif as exif_blocks
from restore.metadata import Kept, Metadata
from restore.picture import (
    MAX_PIXELS,
    Picture,
    encode,
    read_pages,
    read_picture,
    recipe_within,
    write_picture,
)
from restore.pipeline import Pipeline, Saving
from restore.plan import plan
from restore.recipe import read_record
from restore.run import run
from restore.tasks.options import ColorizeOptions
from tests.fakes import pipeline
from tests.hostile import ICC, XMP, dng, exif_block, png_header, saved

FORMATS = {".jpg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".webp": "WEBP", ".avif": "AVIF",
           ".heic": "HEIF"}  # fmt: skip


def write(path: Path, image: Image.Image) -> None:
    """A file with all the metadata that its format takes, written by Pillow."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    options: dict[str, Any] = {"exif": exif_block(6), "icc_profile": ICC, "dpi": (300, 300)}
    format = FORMATS[path.suffix]
    if format == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP.decode())
        options["pnginfo"].add_text("Title", "Grandma")
    elif format == "TIFF":
        block = Image.Exif()
        block.load(exif_block(6))
        block[700] = XMP
        options["exif"] = block
    else:
        options["xmp"] = XMP
    image.save(path, format, **options)


def restored(source: Path, target: Path, saving: Saving | None = None) -> Path:
    (result,) = run(plan([source], target), [pipeline(saving=saving)])
    assert result.status == "done", result.message
    return target


def described(path: Path) -> dict[str, Any]:
    """Maker, date, exposure, place, orientation, title and profile, by exiftool or by Pillow."""
    if shutil.which("exiftool"):
        command = ["exiftool", "-j", "-n", "-G0", str(path)]
        found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)[0]
        assert "ExifTool:Warning" not in found, found
        return {
            "maker": found.get("EXIF:Make"),
            "date": found.get("EXIF:DateTimeOriginal"),
            "latitude": found.get("EXIF:GPSLatitude"),
            "orientation": found.get("EXIF:Orientation"),
            "note": "EXIF:MakerNoteUnknownText" in found or "MakerNotes" in str(found.keys()),
            "title": found.get("XMP:Title"),
            "profile": "ICC_Profile:ProfileDescription" in found,
        }
    with Image.open(path) as image:
        exif = image.getexif()
        packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
        packet = packet.encode() if isinstance(packet, str) else packet
        place = exif.get_ifd(0x8825)
        degrees = place.get(2)
        title = packet.partition(b"'x-default'>")[2].partition(b"<")[0].decode()
        return {
            "maker": exif.get(271),
            "date": exif.get_ifd(0x8769).get(36867),
            "latitude": degrees and float(sum(v / 60**n for n, v in enumerate(degrees))),
            "orientation": exif.get(274),
            "note": 37500 in exif.get_ifd(0x8769),
            "title": title.replace("&amp;", "&") or None,
            "profile": image.info.get("icc_profile") == ICC,
        }


@pytest.mark.parametrize("suffix", FORMATS)
def test_metadata_survives_a_run(tmp_path: Path, photo: NDArray[np.uint8], suffix: str) -> None:
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    write(source, Image.fromarray(photo))
    restored(source, target)
    found = described(target)
    if suffix == ".avif":  # which libavif keeps elsewhere than in the EXIF
        assert found.pop("orientation") in (None, 1)
        found["orientation"] = 1
    assert found == {
        "maker": "Maker",
        "date": "2001:02:03 04:05:06",
        "latitude": pytest.approx(52 + 30.5 / 60),
        "orientation": 1,
        "note": True,
        "title": "Grandma & the cat",
        "profile": True,
    }
    with Image.open(target) as image:
        assert image.size == (128, 160)
        assert image.info["icc_profile"] == ICC
        if suffix not in {".webp", ".avif", ".heic"}:
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        if suffix == ".png":
            image.load()
            assert image.info["Title"] == "Grandma"
    made = read_record(recipe_within(target))
    assert made["steps"][0]["task"] == "denoise"
    assert made["steps"][0]["options"]["strength"] == 1


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("kept", ["strip-gps", "strip"])
def test_metadata_can_be_left_out(
    tmp_path: Path, photo: NDArray[np.uint8], suffix: str, kept: Kept
) -> None:
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    write(source, Image.fromarray(photo[:32, :40]))
    restored(source, target, Saving(metadata=kept))
    found = described(target)
    assert found["latitude"] is None
    assert b"GPSLatitude" not in target.read_bytes()
    assert found["profile"]
    assert found["maker"] == ("Maker" if kept == "strip-gps" else None)
    assert found["title"] == ("Grandma & the cat" if kept == "strip-gps" else None)
    assert bool(recipe_within(target)) == (kept == "strip-gps")


@pytest.mark.parametrize("source", [".tif", ".jpg", ".png"])
def test_16_bit_tiff_keeps_exif_and_place(
    tmp_path: Path, photo: NDArray[np.uint8], source: str
) -> None:
    path, target = tmp_path / f"in{source}", tmp_path / "out.tif"
    if source == ".tif":
        write(tmp_path / "eight.tif", Image.fromarray(photo))
        eight = read_picture(tmp_path / "eight.tif")
        write_picture(eight.with_array(eight.array.astype(np.uint16) * 257), path)
    else:
        write(path, Image.fromarray(photo))
    restored(path, target)
    found = described(target)
    assert found["date"] == "2001:02:03 04:05:06"
    assert found["latitude"] == pytest.approx(52 + 30.5 / 60)
    with tifffile.TiffFile(target) as file:
        page = file.pages.first
        assert page.compression == 8
        assert page.dtype == (np.uint16 if source == ".tif" else np.uint8)
        assert page.tags[34665].value["ExposureTime"] == pytest.approx(1 / 125)


@pytest.mark.parametrize("suffix", [".tif", ".png", ".jpg"])
def test_no_resolution_is_made_up(tmp_path: Path, photo: NDArray[np.uint8], suffix: str) -> None:
    Image.fromarray(photo).save(tmp_path / "a.tif")
    with Image.open(tmp_path / "a.tif") as image:
        assert 282 not in image.tag_v2  # type: ignore[attr-defined]
    restored(tmp_path / "a.tif", tmp_path / f"b{suffix}")
    for name in ("a.tif", f"b{suffix}"):
        assert read_picture(tmp_path / name).metadata.dpi is None


def test_all_pages_are_restored(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    first, second = Image.fromarray(photo), Image.fromarray(photo[:30, :50, 0])
    source, target = tmp_path / "in.tif", tmp_path / "out.tif"
    first.save(source, save_all=True, append_images=[second, first], compression="tiff_lzw")
    restored(source, target)
    with tifffile.TiffFile(target) as file:
        assert [page.shape for page in file.pages] == [(128, 160, 3), (30, 50), (128, 160, 3)]
        np.testing.assert_array_equal(file.pages[1].asarray(), 255 - photo[:30, :50, 0])
    assert recipe_within(target)
    (result,) = run(plan([source], tmp_path / "out.png"), [pipeline()])
    assert "only the first of 3 pages" in result.message


def test_16_bit_pages(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    pages = [
        draw.integers(0, 65536, shape, np.uint16) for shape in ((20, 30, 3), (9, 7), (8, 8, 4))
    ]
    source, target = tmp_path / "in.tif", tmp_path / "out.tif"
    with tifffile.TiffWriter(source) as writer:
        for page in pages:
            extra = ["unassalpha"] if page.shape[2:] == (4,) else None
            kind = "minisblack" if page.ndim == 2 else "rgb"
            planes = None if page.ndim == 2 else "contig"
            writer.write(page, photometric=kind, extrasamples=extra, planarconfig=planes,
                         metadata=None)  # fmt: skip
    restored(source, target)
    with tifffile.TiffFile(target) as file:
        for before, after in zip(pages, file.pages, strict=True):
            expected = 65535 - before
            if before.shape[2:] == (4,):
                expected[..., 3] = before[..., 3]
            np.testing.assert_array_equal(after.asarray(), expected)


@pytest.mark.parametrize(("kind", "colours"), [(np.uint8, 1), (np.uint8, 3), (np.uint16, 3)])
@pytest.mark.parametrize("extra", [0, 1, 2])
def test_further_channels_of_a_tiff_are_what_it_says(
    tmp_path: Path, kind: type[Any], colours: int, extra: int
) -> None:
    """Nothing in particular, alpha that is in the colours already, alpha."""
    peak = int(np.iinfo(kind).max)
    stored = np.full((8, 8, colours + 1), peak // 5, kind)
    stored[..., -1] = peak // 2
    stored[0] = 0
    source, target = tmp_path / "a.tif", tmp_path / "b.tif"
    kinds = {"photometric": "minisblack" if colours == 1 else "rgb", "planarconfig": "contig"}
    tifffile.imwrite(source, stored, extrasamples=[extra], metadata=None, **kinds)  # type: ignore[arg-type]
    picture = read_picture(source)
    assert ("neither colour nor transparency" in picture.note) == (extra == 0)
    if extra == 0:
        assert picture.array.shape[2:] == (() if colours == 1 else (3,))
    else:
        np.testing.assert_array_equal(picture.array[..., -1], stored[..., -1])
    value = picture.array[4, 4].flat[0] / peak
    assert value == pytest.approx(0.4 if extra == 1 else 0.2, abs=0.004)
    assert not picture.array[0].any()
    write_picture(picture, target)
    with tifffile.TiffFile(target) as file:
        assert file.pages.first.extrasamples == (() if extra == 0 else (2,))


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 2), (70, 30, 3), (20, 30, 4)])
def test_16_bit_png(tmp_path: Path, shape: tuple[int, ...]) -> None:
    import cv2

    from restore.formats import png
    from restore.metadata import Metadata

    array = np.random.default_rng(0).integers(0, 65536, shape, np.uint16)
    array[5:15] = np.sort(array[5:15], 1)  # rows for which other filters are best
    data = png.encode(array, Metadata(dpi=(300, 300), text=(("Title", "Großmutter"),)))
    seen = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if seen.ndim == 3:
        seen = seen[..., [2, 1, 0, 3][: seen.shape[2]]]
    if shape[2:] == (2,):
        seen = seen[..., [0, 3]]
    np.testing.assert_array_equal(seen, array)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.info["Title"] == "Großmutter"
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    path = tmp_path / "a.png"
    path.write_bytes(data)
    np.testing.assert_array_equal(read_picture(path).array, array)


def with_late_chunks(image: Image.Image, chunks: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG file with further chunks, (name, data), after its pixels."""
    data, end = saved(image, "PNG"), 12
    late = [
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    ]
    return data[:-end] + b"".join(late) + data[-end:]


def raw_profile(kind: str, data: bytes) -> tuple[bytes, bytes]:
    """The chunk that ImageMagick writes."""
    text = f"\n{kind}\n{len(data):8}\n{data.hex()}\n"
    return b"tEXt", f"Raw profile type {kind}\0{text}".encode()


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(
    "chunks",
    [
        [
            (b"eXIf", exif_block(6).removeprefix(exif_blocks.HEADER)),
            (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
        ],
        [raw_profile("exif", exif_block(6)), raw_profile("xmp", XMP)],
        [raw_profile("APP1", exif_block(6)), raw_profile("xmp", XMP)],
        [
            raw_profile("APP1", b"http://ns.adobe.com/xap/1.0/\0" + XMP),
            raw_profile("exif", exif_block(6)),
        ],
    ],
)
def test_metadata_may_come_late_or_in_digits_in_a_png(
    tmp_path: Path, photo: NDArray[np.uint8], chunks: list[tuple[bytes, bytes]], depth: int
) -> None:
    image = Image.fromarray(photo if depth == 8 else photo[..., 0].astype(np.uint16) * 257)
    chunks = [*chunks, (b"tEXt", b"Title\0Grandma"), raw_profile("iptc", resources())]
    (tmp_path / "a.png").write_bytes(with_late_chunks(image, chunks))
    restored(tmp_path / "a.png", tmp_path / "b.png")
    for path, orientation in ((tmp_path / "a.png", 6), (tmp_path / "b.png", 1)):
        found = read_picture(path).metadata
        assert found.orientation == orientation
        assert found.exif == exif_block().removeprefix(exif_blocks.HEADER)
        assert found.xmp == XMP
        assert [key for key, _ in found.text] == ["Title", "Raw profile type iptc"]
    assert read_picture(tmp_path / "b.png").array.shape[:2] == (160, 128)


def test_places_are_taken_out_of_the_texts_of_a_png(
    tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    info = PngInfo()
    for name in ("exif:GPSLatitude", "exif:gpsinfo", "Title"):  # as ImageMagick writes them
        info.add_text(name, "52/1, 30/1, 30/1")
    Image.fromarray(photo).save(tmp_path / "a.png", pnginfo=info)
    restored(tmp_path / "a.png", tmp_path / "b.png", Saving(metadata="strip-gps"))
    assert [key for key, _ in read_picture(tmp_path / "b.png").metadata.text] == ["Title"]


def test_damaged_digits_in_a_png_are_mentioned(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    chunk = (b"tEXt", b"Raw profile type exif\0\nexif\n  2\nno digits")
    (tmp_path / "a.png").write_bytes(with_late_chunks(Image.fromarray(photo), [chunk]))
    picture = read_picture(tmp_path / "a.png")
    assert "the raw profile exif is damaged" in picture.note
    assert picture.metadata.text == ()


def test_previews_are_no_pages(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(photo, photometric="rgb", metadata=None)
        writer.write(photo[::4, ::4], photometric="rgb", subfiletype=1, metadata=None)
    assert len(list(read_pages(path.read_bytes(), path))) == 1


def test_deep_heic_stays_deep(tmp_path: Path) -> None:
    import pillow_heif

    array = np.linspace(0, 65535, 64 * 64 * 3).astype(np.uint16).reshape(64, 64, 3)
    file = pillow_heif.from_bytes("RGB;16", (64, 64), array.tobytes())
    file.save(tmp_path / "a.heic", quality=-1)
    found = read_picture(tmp_path / "a.heic").array
    assert found.dtype == np.uint16
    assert np.abs(found.astype(int) - array).mean() < 400
    assert len(np.unique(found)) > 300


def test_raw(tmp_path: Path) -> None:
    """A smooth mosaic comes out smooth, upright and deep; the maker stays."""
    ramp = np.linspace(2000, 60000, 64 * 48).astype(np.uint16).reshape(48, 64)
    (tmp_path / "a.dng").write_bytes(dng(ramp))
    picture = read_picture(tmp_path / "a.dng")
    assert picture.array.dtype == np.uint16
    assert picture.array.shape[2] == 3
    assert picture.format == "tiff"
    rows = picture.array[4:-4].mean((1, 2))
    assert (np.diff(rows) > 0).mean() > 0.9
    (job,) = plan([tmp_path], tmp_path / "out")
    assert job.target.name == "a.tif"
    restored(tmp_path / "a.dng", tmp_path / "a.tif")
    assert described(tmp_path / "a.tif")["maker"] == "Maker"


def test_inks_are_converted_by_their_profile(tmp_path: Path) -> None:
    """Lab as well; and what a file without a profile looks like is said to be a guess."""
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    image.save(tmp_path / "plain.tif")
    picture = read_picture(tmp_path / "plain.tif")
    assert "guess" in picture.note
    red, green, blue = picture.array[0, 0].tolist()
    assert red > 200
    assert max(green, blue) < 60
    image.save(tmp_path / "damaged.tif", icc_profile=b"junk" * 50)
    assert "profile is damaged" in read_picture(tmp_path / "damaged.tif").note
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.createProfile("sRGB")
    gray = Image.new("RGB", (8, 8), (120, 130, 140))
    ImageCms.buildTransform(srgb, lab, "RGB", "LAB").apply(gray).save(tmp_path / "lab.tif")
    found = read_picture(tmp_path / "lab.tif").array[0, 0].astype(int)
    assert np.abs(found - (120, 130, 140)).max() <= 2


def test_the_limit_of_pixels_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(30_000, 30_000))
    with pytest.raises(Exception, match="--max-pixels"):
        read_picture(path)
    path.write_bytes(png_header(200, 200))
    with pytest.raises(Exception, match="--max-pixels"):
        read_picture(path, max_pixels=39_999)
    assert Image.MAX_IMAGE_PIXELS is not None  # which is left as it was for others
    assert Image.MAX_IMAGE_PIXELS < MAX_PIXELS


def test_long_metadata_does_not_fit_into_jpeg(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    info = PngInfo()
    packet = XMP.replace(b"Grandma", b"G" * 70000)
    info.add_itxt("XML:com.adobe.xmp", packet.decode())
    (tmp_path / "a.png").write_bytes(saved(Image.fromarray(photo), "PNG", pnginfo=info))
    (result,) = run(plan([tmp_path / "a.png"], tmp_path / "a.jpg"), [pipeline()])
    assert result.status == "done"
    assert "too long" in result.message


def test_the_number_of_cores_does_not_show_in_an_avif(
    tmp_path: Path, photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An encoder with more threads cuts the picture into other tiles."""
    written = []
    for cores in (1, 2, 8):
        monkeypatch.setattr("PIL.AvifImagePlugin._get_default_max_threads", lambda n=cores: n)
        path = tmp_path / f"{cores}.avif"
        write_picture(Picture(np.tile(photo, (3, 3, 1)), "avif"), path)
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2]


CAPTION = b"\x1c\x02\x78\x00\x07Grandma\x1c\x02\x05\x00\x04Home"  # IPTC: caption, title


def resources(filling: int = 0) -> bytes:
    """Image resources of Adobe, as a JPEG file has them: IPTC, and one of any length."""
    return resource(0x0404, CAPTION) + resource(0x0BB7, bytes(filling), b"\x04name\0")


def resource(number: int, data: bytes, name: bytes = b"\0\0") -> bytes:
    head = b"8BIM" + struct.pack(">H", number) + name
    return head + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)


@pytest.mark.parametrize("filling", [3, 100_001])
def test_iptc_and_comments_survive(tmp_path: Path, photo: NDArray[np.uint8], filling: int) -> None:
    """Also more of it than a segment holds, and by way of a TIFF."""
    whole = resources(filling)
    data = saved(
        Image.fromarray(photo), "JPEG", comment=b"by hand", extra=photoshop.segments(whole)
    )
    (tmp_path / "a.jpg").write_bytes(data)
    for source, target in (("a.jpg", "b.jpg"), ("a.jpg", "c.tif"), ("c.tif", "d.jpg")):
        restored(tmp_path / source, tmp_path / target)
        assert read_picture(tmp_path / target).metadata.resources == whole
    with Image.open(tmp_path / "b.jpg") as image:
        assert image.info["comment"] == b"by hand"
        assert image.info["photoshop"][0x0404] == CAPTION
    with Image.open(tmp_path / "d.jpg") as image:
        assert image.info["photoshop"][0x0404] == CAPTION
    (result,) = run(plan([tmp_path / "a.jpg"], tmp_path / "a.png"), [pipeline()])
    assert "IPTC left out: PNG holds none" in result.message
    restored(tmp_path / "a.jpg", tmp_path / "e.jpg", Saving(metadata="strip"))
    assert b"Grandma" not in (tmp_path / "e.jpg").read_bytes()
    assert b"by hand" not in (tmp_path / "e.jpg").read_bytes()


def test_iptc_alone_in_a_tiff_survives(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    tag = (photoshop.IPTC_TAG, 7, len(CAPTION), CAPTION, True)
    tifffile.imwrite(tmp_path / "a.tif", photo, photometric="rgb", extratags=[tag])
    restored(tmp_path / "a.tif", tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as image:
        assert image.info["photoshop"][0x0404] == CAPTION


def test_extended_xmp_survives(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    """In JPEG; elsewhere, and where a place could hide in it, nothing leads there any more."""
    parts = [
        b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + struct.pack(">II", 70_000, at)
        + b"x" * length
        for at, length in ((0, 65_000), (65_000, 5_000))
    ]  # fmt: skip
    leads = XMP.replace(
        b' rdf:about=""', b' rdf:about="" xmpNote:HasExtendedXMP="' + b"A" * 32 + b'"'
    )
    extra = b"".join(jpeg.segment(1, part) for part in parts) + jpeg.segment(
        13, photoshop.SIGNATURE
    )
    (tmp_path / "a.jpg").write_bytes(saved(Image.fromarray(photo), "JPEG", xmp=leads, extra=extra))
    restored(tmp_path / "a.jpg", tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as image:
        found = [data for name, data in image.applist if name == "APP1"]  # type: ignore[attr-defined]
        assert [data for data in found if b"/extension/" in data] == parts
        assert b"HasExtendedXMP" in image.info["xmp"]
    (result,) = run(plan([tmp_path / "a.jpg"], tmp_path / "c.tif"), [pipeline()])
    assert "extended XMP left out: TIFF holds none" in result.message
    restored(tmp_path / "a.jpg", tmp_path / "d.jpg", Saving(metadata="strip-gps"))
    for name in ("c.tif", "d.jpg"):
        assert b"Extended" not in (tmp_path / name).read_bytes()
        assert b"Grandma" in (tmp_path / name).read_bytes()
        assert read_picture(tmp_path / name).metadata.extended_xmp == ()


def test_what_is_about_the_old_pixels_is_left_out_with_a_word(
    tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    credentials = jpeg.segment(11, b"JP\0\0 jumb c2pa manifest")
    gain_map = jpeg.segment(2, b"urn:iso:std:iso:ts:21496:-1\0")
    data = saved(Image.fromarray(photo), "JPEG", extra=credentials + gain_map)
    (tmp_path / "a.jpg").write_bytes(data)
    (result,) = run(plan([tmp_path / "a.jpg"], tmp_path / "b.jpg"), [pipeline()])
    assert "C2PA" in result.message
    assert "gain map" in result.message
    assert b"c2pa" not in (tmp_path / "b.jpg").read_bytes()


@pytest.mark.parametrize("comment", [b"http://ns.apple.com/HDRGainMap/1.0/", b"a preview"])
def test_a_gain_map_among_the_pictures_of_a_file_is_mentioned(
    tmp_path: Path, photo: NDArray[np.uint8], comment: bytes
) -> None:
    further = Image.fromarray(photo[::2, ::2])
    further.info["comment"] = comment
    source = tmp_path / "a.jpg"
    Image.fromarray(photo).save(source, "MPO", save_all=True, append_images=[further])
    (result,) = run(plan([source], tmp_path / "b.jpg"), [pipeline()])
    assert ("gain map" in result.message) == (b"apple" in comment)
    assert read_picture(tmp_path / "b.jpg").array.shape == photo.shape


def test_the_recipe_of_a_png_is_read_without_its_pixels(
    tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    Image.fromarray(photo).save(tmp_path / "a.png")
    whole = restored(tmp_path / "a.png", tmp_path / "b.png")
    data = whole.read_bytes()
    (tmp_path / "half.png").write_bytes(data[: data.index(b"IDAT") + 100])
    assert recipe_within(tmp_path / "half.png") == recipe_within(whole) != ""
    with pytest.raises(UnreadableImage):
        read_picture(tmp_path / "half.png")


def test_layers_and_previews_of_photoshop_are_left_out(
    tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    """They show the picture as it was, a watermark included."""
    layers = b"Adobe Photoshop Document Data Block\0" + b"old layers"
    old = [resource(number, b"old preview") for number in (0x0409, 0x040C)]
    kept = resources()
    stored = old[0] + kept + old[1] + b"damaged"
    tags = [
        (photoshop.LAYERS_TAG, 7, len(layers), layers, True),
        (photoshop.RESOURCES_TAG, 1, len(stored), stored, True),
    ]
    tifffile.imwrite(tmp_path / "a.tif", photo, photometric="rgb", extratags=tags)
    (result,) = run(plan([tmp_path / "a.tif"], tmp_path / "b.tif"), [pipeline()])
    assert "the layers are not kept" in result.message
    assert b"old" not in (tmp_path / "b.tif").read_bytes()
    assert read_picture(tmp_path / "b.tif").metadata.resources == kept + b"damaged"
    assert "layers" not in read_picture(tmp_path / "b.tif").note


@pytest.mark.parametrize("orientation", [1, 6])
def test_exif_fits_the_new_pixels(
    tmp_path: Path, photo: NDArray[np.uint8], orientation: int
) -> None:
    """No preview of the old ones, and their size as it is now."""
    exif = Image.Exif()
    exif[exif_blocks.ORIENTATION] = orientation
    exif[271] = "Maker"
    inner = exif.get_ifd(0x8769)
    inner[0xA002], inner[0xA003] = 160, 128
    block = bytearray(exif.tobytes().removeprefix(exif_blocks.HEADER))
    order = exif_blocks.byte_order(block)
    (start,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, start)
    struct.pack_into(order + "I", block, start + 2 + 12 * count, len(block))
    block += struct.pack(order + "HHHIII", 1, 0x0201, 4, 1, 0, 0)  # a directory of the preview
    source = tmp_path / "a.jpg"
    Image.fromarray(photo).save(source, exif=exif_blocks.HEADER + bytes(block))
    with Image.open(source) as image:
        assert image.getexif().get_ifd(IFD.IFD1)
    restored(source, tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as image:
        found = image.getexif()
        assert not found.get_ifd(IFD.IFD1)
        assert found[271] == "Maker"
        assert found[exif_blocks.ORIENTATION] == 1
        sizes = found.get_ifd(0x8769)
        assert (sizes[0xA002], sizes[0xA003]) == image.size


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 2)])
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_profile_for_gray_stays_with_gray_alone(
    tmp_path: Path, suffix: str, shape: tuple[int, ...]
) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    gray = bytearray(ICC)
    gray[16:20] = b"GRAY"
    for number, kind in enumerate((np.uint8, np.uint16)):
        picture = Picture(np.full(shape, 90, kind), "png", Metadata(icc=bytes(gray)))
        path = tmp_path / f"{number}{suffix}"
        _, note = encode([picture], path)
        write_picture(picture, path)
        with Image.open(path) as image:
            colour = suffix != ".png" and image.mode not in {"L", "LA", "I;16"}
            assert ("icc_profile" in image.info) != colour
        assert ("for gray" in note) == (colour and suffix != ".tif")
        assert colour or suffix != ".webp"


def test_the_gray_that_is_transparent_stays_so(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 65536, (20, 30), np.uint16)
    write_picture(Picture(array, "png"), tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    at = data.index(b"IDAT") - 4
    body = b"tRNS" + struct.pack(">H", array[3, 4])
    chunk = struct.pack(">I", 2) + body + struct.pack(">I", zlib.crc32(body))
    (tmp_path / "b.png").write_bytes(data[:at] + chunk + data[at:])
    found = read_picture(tmp_path / "b.png").array
    np.testing.assert_array_equal(found[..., 0], array)
    np.testing.assert_array_equal(found[..., 1] == 0, array == array[3, 4])


def test_avif_of_more_bits_is_known(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    write_picture(Picture(photo, "avif"), tmp_path / "a.avif")
    data = bytearray((tmp_path / "a.avif").read_bytes())
    assert not eight_bits.is_deep_avif(bytes(data))
    data[data.index(b"av1C") + 6] |= 0x40
    assert eight_bits.is_deep_avif(bytes(data))


def made_profile(gamma: float, **primaries: tuple[int, int, int]) -> bytes:
    """An ICC profile (version 2) with a gamma: of gray, or of RGB with the primaries `r`, `g` and
    `b` in XYZ times 65536."""

    def xyz(*values: int) -> bytes:
        return struct.pack(">4s4x3i", b"XYZ ", *values)

    curve = struct.pack(">4s4xIH2x", b"curv", 1, round(gamma * 256))
    about = struct.pack(">4s4xI5s12x67x", b"desc", 5, b"test\0").ljust(96, b"\0")
    rights = b"text" + bytes(4) + b"none\0\0\0\0"
    tags = {b"wtpt": xyz(63190, 65536, 54061), b"desc": about, b"cprt": rights}
    tags |= {name.encode() + b"TRC": curve for name in primaries or "k"}
    tags |= {name.encode() + b"XYZ": xyz(*values) for name, values in primaries.items()}
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(body), len(data))
        body += data
    header = struct.pack(
        ">I4sI4s4s4s12x4s4s24xI3i44x", 132 + 12 * len(tags) + len(body), b"lcms", 0x02100000,
        b"mntr", b"RGB " if primaries else b"GRAY", b"XYZ ", b"acsp", b"MSFT", 0,
        63190, 65536, 54061,
    )  # fmt: skip
    return header[:128] + table + body


ADOBE = {"r": (39964, 20389, 1277), "g": (13453, 41006, 3989), "b": (9773, 4141, 48795)}
SRGB = {"r": (28576, 14581, 912), "g": (25239, 46983, 6361), "b": (9375, 3972, 46787)}


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("primaries", [{}, ADOBE, SRGB], ids=["gray", "adobe", "srgb"])
def test_gray_of_a_profile_looks_as_light_in_colour(
    kind: Any, primaries: dict[str, tuple[int, int, int]]
) -> None:
    ramp = np.linspace(0, np.iinfo(kind).max, 256).astype(kind)[None]
    profile = made_profile(1.8, **primaries)
    gray = np.dstack([ramp] * 3) if primaries else ramp
    picture = Picture(gray, "png", Metadata(icc=profile))
    coloured = picture.with_array(np.dstack([ramp] * 3), coloured=True)
    assert coloured.metadata.icc is None
    light = (np.arange(256) / 255) ** 1.8
    expected = np.where(light < 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    for channel in np.moveaxis(coloured.array[0] / np.iinfo(kind).max, 1, 0):
        np.testing.assert_allclose(channel, expected, atol=1.5 / 255)
    assert picture.with_array(gray).metadata.icc == profile


def test_a_profile_of_the_usual_colours_is_kept_with_those_given(
    tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    gray = np.dstack([photo.mean(2).astype(np.uint8)] * 3)
    for name, profile in (("usual", usual), ("wide", made_profile(2.2, **ADOBE))):
        write_picture(Picture(gray, "png", Metadata(icc=profile)), tmp_path / f"{name}.png")
        result = tmp_path / f"{name} out.png"
        step = (restore.load("colorize", device="cpu"), ColorizeOptions())
        (told,) = run(plan([tmp_path / f"{name}.png"], result), [Pipeline([step])])
        assert told.status == "done", told.message
        read = read_picture(result)
        assert read.metadata.icc == (usual if name == "usual" else None)
        assert np.ptp(read.array.astype(int), axis=2).max() > 10


@pytest.mark.parametrize("kept", ["keep", "strip"])
@pytest.mark.parametrize("depth", [8, 16])
def test_how_the_colours_of_a_png_are_meant(
    tmp_path: Path, photo: NDArray[np.uint8], depth: int, kept: Kept
) -> None:
    chunks = [
        (b"gAMA", struct.pack(">I", 100_000)),
        (b"cHRM", struct.pack(">8I", *range(31270, 31278))),
        (b"sRGB", b"\0"),
        (b"cICP", bytes([9, 16, 0, 1])),
    ]
    image = Image.fromarray(photo if depth == 8 else photo[..., 0].astype(np.uint16) * 257)
    data = with_late_chunks(image, chunks)
    early = data[data.index(b"gAMA") - 4 : data.index(b"IEND") - 4]
    (tmp_path / "a.png").write_bytes(data[:33] + early + data[33:].replace(early, b""))
    found = restored(tmp_path / "a.png", tmp_path / "b.png", Saving(metadata=kept)).read_bytes()
    assert early in found[: found.index(b"IDAT")]
    profiled = read_picture(tmp_path / "a.png")
    profiled = replace(profiled, metadata=replace(profiled.metadata, icc=ICC))
    write_picture(profiled, tmp_path / "c.png")
    assert b"gAMA" not in (tmp_path / "c.png").read_bytes()


def test_deep_gray_with_alpha_can_become_a_tiff(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 65536, (20, 30, 2), np.uint16)
    write_picture(Picture(array, "png"), tmp_path / "a.png")
    restored(tmp_path / "a.png", tmp_path / "a.tif")
    with_alpha = read_picture(tmp_path / "a.tif").array
    np.testing.assert_array_equal(with_alpha[..., 3], array[..., 1])
    np.testing.assert_array_equal(with_alpha[..., 0], with_alpha[..., 2])
