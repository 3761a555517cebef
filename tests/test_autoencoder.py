from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from restore.autoencoder import Autoencoder, AutoencoderConfig, mirrored

SMALL = AutoencoderConfig(widths=(4, 6, 8), code_channels=10, blocks=1)


def network(config: AutoencoderConfig = SMALL) -> Autoencoder:
    torch.manual_seed(0)
    return Autoencoder(config).eval()


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (15, 17), (16, 16), (33, 50)])
def test_takes_any_size(size: tuple[int, int]) -> None:
    x = torch.rand(2, 3, *size)
    y = network()(x, torch.zeros(2, 1, 1, 1))
    assert y.shape == x.shape
    assert not torch.equal(x, y)


def test_condition_may_be_one_value_or_a_map() -> None:
    x = torch.rand(1, 3, 20, 24)
    net = network()
    value = net(x, torch.full((1, 1, 1, 1), 0.3))
    as_map = net(x, torch.full((1, 1, 20, 24), 0.3))
    torch.testing.assert_close(value, as_map)
    assert not torch.allclose(value, net(x, torch.zeros(1, 1, 1, 1)))


def test_decode_inverts_what_encode_returned() -> None:
    x = torch.rand(1, 3, 32, 48)
    condition = torch.zeros(1, 1, 1, 1)
    net = network()
    encoding = net.encode(x, condition)
    assert encoding.code.shape == (1, 10, 2, 3)
    assert [skip.shape[1] for skip in encoding.skips] == [4, 6, 8]
    torch.testing.assert_close(x + net.decode(encoding), net(x, condition))


def test_every_level_matters() -> None:
    """A change in any skip or in the code changes the picture."""
    net = network()
    encoding = net.encode(torch.rand(1, 3, 32, 32), torch.zeros(1, 1, 1, 1))
    before = net.decode(encoding)
    assert not torch.allclose(before, net.decode(encoding._replace(code=encoding.code + 1)))
    for level in range(3):
        skips = list(encoding.skips)
        skips[level] = skips[level] + 1
        assert not torch.allclose(before, net.decode(encoding._replace(skips=tuple(skips))))


def test_counts_its_work() -> None:
    """The sum over layers of weights times places, counted while it runs."""
    net = network()
    total = 0

    def count(module: torch.nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
        nonlocal total
        weight = module.weight
        assert isinstance(weight, torch.Tensor)
        places = inputs[0] if isinstance(module, torch.nn.ConvTranspose2d) else output
        total += weight.numel() * places.shape[-1] * places.shape[-2]

    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            module.register_forward_hook(count)
    net(torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 1, 1))
    assert net.macs_per_pixel() == pytest.approx(total / 64**2)


def test_config_survives_a_card() -> None:
    import json

    assert AutoencoderConfig.from_dict(json.loads(json.dumps(SMALL.to_dict()))) == SMALL


def test_impossible_configs_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        AutoencoderConfig(widths=())
    with pytest.raises(ValueError, match="as many output"):
        AutoencoderConfig(out_channels=2)


def test_what_is_added_mirrors_the_picture() -> None:
    x = torch.rand(1, 3, 7, 9)
    assert torch.equal(mirrored(x, 5, 6), F.pad(x, (0, 5, 0, 6), mode="reflect"))
    assert mirrored(x, 0, 0) is x
    row = torch.tensor([1.0, 2.0, 3.0]).view(1, 1, 1, 3)
    assert mirrored(row, 6, 1)[0, 0].tolist() == [[1, 2, 3, 2, 1, 2, 3, 2, 1]] * 2
    assert torch.equal(mirrored(x[..., :1, :1], 3, 2), x[..., :1, :1].expand(1, 3, 3, 4))


def test_dropout_leaves_whole_maps_out_while_training() -> None:
    torch.manual_seed(0)
    config = AutoencoderConfig(widths=(8, 16), code_channels=16, blocks=1)
    network = Autoencoder(config)
    x, told = torch.rand(2, 3, 16, 16), torch.rand(2, 1, 1, 1)
    still = network(x, told)
    network.drop_out(0.5)
    assert not torch.allclose(network(x, told), network(x, told))  # others each time
    torch.testing.assert_close(network.eval()(x, told), still)
    seen: list[torch.Tensor] = []
    block = network.code[0]
    block.project.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network.train()(x, told)
    empty = seen[0].flatten(2).abs().sum(2) == 0
    assert empty.any() and not empty.all()
    assert not network.encoder[0][0].dropout  # fine levels know little by heart
