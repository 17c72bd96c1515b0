"""A sentence encoder of the BERT family as an ONNX graph, built from its weights with `onnx` alone: no torch.

Architecture as in Devlin et al. (2019): embeddings, then layers of attention and feed-forward, each followed by an
addition and a normalization; at the end the mean over the tokens of the mask, and length one. Only standard operators
(opset 20), so that any runtime can load it. Inputs `ids` and `mask`, int64 [texts, tokens]; output `embedding`,
float32 [texts, dim].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.options import MissingExtraError

OPSET, IR_VERSION = 20, 9  # the first with Gelu; ONNX Runtime reads it since 1.17
GRAPH_VERSION = 1  # what a cached graph is known by; raise it when the graph changes
MASKED = -1e4  # added to a score before the softmax; exp of it is 0 in float32

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class BertShape:
    """What of a configuration decides the graph."""

    n_layers: int
    n_heads: int
    dim: int
    epsilon: float


def build_graph(weights: Weights, shape: BertShape) -> bytes:
    """Return the ONNX model.

    Raises
    ------
    MissingExtraError : the package `onnx` is not installed.
    KeyError : `weights` lacks a tensor; its name.
    """
    try:
        import onnx  # noqa: PLC0415  needed once per model, not to run it
    except ImportError as err:
        raise MissingExtraError(
            "making the graph of 'minilm' once needs the package 'onnx'; pip install 'whitelight[text]'"
        ) from err
    graph = _Graph(onnx, weights)
    hidden = _encoded(graph, shape)
    graph.add("Identity", _pooled(graph, hidden), output="embedding")
    model = graph.model("sentence-encoder", shape.dim)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


class _Graph:
    """Nodes and constants as they are added; values are known by their names."""

    def __init__(self, onnx: Any, weights: Weights) -> None:
        self.onnx = onnx
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add an operator and return the name of its output."""
        output = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, value: Any, name: str = "") -> str:
        """Add a constant and return its name."""
        name = name or f"constant_{len(self.constants)}"
        self.constants[name] = self.onnx.numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def linear(self, x: str, name: str) -> str:
        """Multiply by the transposed weight `name` and add its bias."""
        weight = self.constant(self.weights[f"{name}.weight"].T, f"{name}.weight")
        return self.add("Add", self.add("MatMul", x, weight), self.constant(self.weights[f"{name}.bias"]))

    def normalized(self, x: str, name: str, epsilon: float) -> str:
        """Normalize over the last axis."""
        scale, bias = (self.constant(self.weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)

    def model(self, name: str, dim: int) -> Any:
        """Return everything as a model."""
        helper, kinds = self.onnx.helper, self.onnx.TensorProto
        inputs = [helper.make_tensor_value_info(value, kinds.INT64, ["texts", "tokens"]) for value in ("ids", "mask")]
        outputs = [helper.make_tensor_value_info("embedding", kinds.FLOAT, ["texts", dim])]
        graph = helper.make_graph(self.nodes, name, inputs, outputs, list(self.constants.values()))
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="whitelight")


def _encoded(graph: _Graph, shape: BertShape) -> str:
    """All layers, [texts, tokens, dim]."""
    visible = graph.add("Cast", "mask", to=graph.onnx.TensorProto.FLOAT)
    hidden = graph.add("Sub", graph.constant(np.float32(1)), graph.add("Unsqueeze", visible, _axes(graph, 1, 2)))
    bias = graph.add("Mul", hidden, graph.constant(np.float32(MASKED)))  # [texts, 1, 1, tokens]
    x = _embedded(graph, shape)
    for layer in range(shape.n_layers):
        name = f"encoder.layer.{layer}"
        attended = graph.linear(
            _attention(graph, x, f"{name}.attention.self", bias, shape), f"{name}.attention.output.dense"
        )
        x = graph.normalized(graph.add("Add", attended, x), f"{name}.attention.output.LayerNorm", shape.epsilon)
        inner = graph.add("Gelu", graph.linear(x, f"{name}.intermediate.dense"))
        x = graph.normalized(
            graph.add("Add", graph.linear(inner, f"{name}.output.dense"), x), f"{name}.output.LayerNorm", shape.epsilon
        )
    return x


def _embedded(graph: _Graph, shape: BertShape) -> str:
    """Sum of word, position and type; there is one type, so it joins the positions here."""
    weights = graph.weights
    table = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    words = graph.add("Gather", graph.constant(weights["embeddings.word_embeddings.weight"]), "ids")
    n_tokens = graph.add("Gather", graph.add("Shape", "ids"), _axes(graph, 1))
    places = graph.add("Slice", graph.constant(table), _axes(graph, 0), n_tokens, _axes(graph, 0))
    return graph.normalized(graph.add("Add", words, places), "embeddings.LayerNorm", shape.epsilon)


def _attention(graph: _Graph, x: str, name: str, bias: str, shape: BertShape) -> str:
    """Attention of all heads, side by side again at the end, [texts, tokens, dim]."""
    width = shape.dim // shape.n_heads
    split, joined = (graph.constant(np.array(sizes)) for sizes in ([0, 0, shape.n_heads, width], [0, 0, shape.dim]))
    query, key, value = (
        graph.add("Transpose", graph.add("Reshape", graph.linear(x, f"{name}.{part}"), split), perm=order)
        for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
    )
    scores = graph.add("Mul", graph.add("MatMul", query, key), graph.constant(np.float32(width**-0.5)))
    shares = graph.add("Softmax", graph.add("Add", scores, bias), axis=-1)
    mixed = graph.add("Transpose", graph.add("MatMul", shares, value), perm=[0, 2, 1, 3])
    return graph.add("Reshape", mixed, joined)


def _pooled(graph: _Graph, hidden: str) -> str:
    """Mean over the tokens of the mask, scaled to length one, [texts, dim]."""
    visible = graph.add("Cast", "mask", to=graph.onnx.TensorProto.FLOAT)
    kept = graph.add("Mul", hidden, graph.add("Unsqueeze", visible, _axes(graph, 2)))
    total = graph.add("ReduceSum", kept, _axes(graph, 1), keepdims=0)
    count = graph.add("ReduceSum", visible, _axes(graph, 1), keepdims=1)
    return graph.add("LpNormalization", graph.add("Div", total, count), axis=-1, p=2)


def _axes(graph: _Graph, *axes: int) -> str:
    return graph.constant(np.array(axes, np.int64))
