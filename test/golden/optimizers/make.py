"""Writes the golden trajectories toy.json and tensors.json: every optimizer in NumPy float64.

Written from the published update rules alone, without a look at the product's code, so that an error has to be made
twice to go unnoticed. Run with a Python that has NumPy; where it has PyTorch as well, SGD, SGDM, Adam, AdamW and
RMSProp are also compared with torch.optim.

    python3 test/golden/optimizers/make.py

Sign-like methods can turn a rounding error into a different path. A golden file is of use only where that cannot happen,
so every case is run again with slightly disturbed gradients and must end in the same place.
"""

import json
import math
import pathlib

import numpy as np

try:
    import torch
except ImportError:
    torch = None

HERE = pathlib.Path(__file__).parent
STEPS = 100


# ---------------------------------------------------------------- schedule


def p_at(schedule, s, total):
    """p of step s = 1..total; every step is an epoch."""
    kind, p_max = schedule["kind"], schedule["pMax"]
    p_end = schedule.get("pEnd", 2)
    total = schedule.get("horizonEpochs", total)
    s = min(s, total)
    if kind == "constant":
        return p_max
    if total == 1:
        return p_max
    done = (s - 1) / (total - 1)
    if kind == "cosine":
        return p_end + (p_max - p_end) * (1 + math.cos(math.pi * done)) / 2
    if kind == "linear":
        return p_max + (p_end - p_max) * done
    if kind == "step":
        return p_end + (p_max - p_end) * schedule["gamma"] ** ((s - 1) // schedule["stepEveryEpochs"])
    if kind == "exponential":
        return p_end + (p_max - p_end) * schedule["gamma"] ** (s - 1)
    raise ValueError(kind)


# ---------------------------------------------------------------- update rules
# Each takes theta, g, the state dict, hyperparameters h, the learning rate, p and the step number, and returns theta.


def lp(x, p, eps):
    size = np.abs(x) + eps
    with np.errstate(divide="ignore", invalid="ignore"):
        u = x / np.power(size, (p - 2.0) / (p - 1.0))
    return np.where(x == 0, 0.0, u)


def lpsgd(theta, g, state, h, lr, p, t):
    return (1 - lr * h["weightDecay"]) * theta - lr * lp(g, p, h["epsilon"])


def lpsgdm(theta, g, state, h, lr, p, t):
    state["m"] = h["beta"] * state["m"] + (1 - h["beta"]) * g
    return (1 - lr * h["weightDecay"]) * theta - lr * lp(state["m"], p, h["epsilon"])


def sgd(theta, g, state, h, lr, p, t):
    return theta - lr * (g + h["weightDecay"] * theta)


def sgdm(theta, g, state, h, lr, p, t):
    g = g + h["weightDecay"] * theta
    state["a"] = h["beta"] * state["a"] + g
    if h["nesterov"]:
        return theta - lr * (g + h["beta"] * state["a"])
    return theta - lr * state["a"]


def signsgd(theta, g, state, h, lr, p, t):
    return theta - lr * h["weightDecay"] * theta - lr * np.sign(g)


def signum(theta, g, state, h, lr, p, t):
    state["m"] = h["beta"] * state["m"] + (1 - h["beta"]) * g
    return theta - lr * h["weightDecay"] * theta - lr * np.sign(state["m"])


def lion(theta, g, state, h, lr, p, t):
    c = h["beta1"] * state["m"] + (1 - h["beta1"]) * g
    theta = theta - lr * (np.sign(c) + h["weightDecay"] * theta)
    state["m"] = h["beta2"] * state["m"] + (1 - h["beta2"]) * g
    return theta


def adam_step(g, state, h, t):
    state["m"] = h["beta1"] * state["m"] + (1 - h["beta1"]) * g
    state["v"] = h["beta2"] * state["v"] + (1 - h["beta2"]) * g * g
    m_hat = state["m"] / (1 - h["beta1"] ** t)
    v_hat = state["v"] / (1 - h["beta2"] ** t)
    return m_hat / (np.sqrt(v_hat) + h["epsilon"])


def adam(theta, g, state, h, lr, p, t):
    return theta - lr * adam_step(g + h["weightDecay"] * theta, state, h, t)


def adamw(theta, g, state, h, lr, p, t):
    return theta - lr * h["weightDecay"] * theta - lr * adam_step(g, state, h, t)


def rmsprop(theta, g, state, h, lr, p, t):
    g = g + h["weightDecay"] * theta
    state["v"] = h["beta"] * state["v"] + (1 - h["beta"]) * g * g
    state["a"] = h["momentum"] * state["a"] + g / (np.sqrt(state["v"]) + h["epsilon"])
    return theta - lr * state["a"]


def stacey(theta, g, state, h, lr, p, t):
    c = h["beta1"] * state["m"] + (1 - h["beta1"]) * g
    state["z"] = state["z"] - h["alpha"] * c
    exponent = (h["p"] - 2.0) / (h["p"] - 1.0)
    theta = (
        (1 - h["tau"] - lr * h["weightDecay"]) * theta
        + h["tau"] * state["z"]
        - lr * (1 - h["tau"]) * c / (np.abs(c) + h["epsilon"]) ** exponent
    )
    state["m"] = h["beta2"] * state["m"] + (1 - h["beta2"]) * g
    return theta


RULES = {f.__name__: f for f in (lpsgdm, lpsgd, sgd, sgdm, signsgd, signum, lion, adam, adamw, rmsprop, stacey)}
STATE = {
    "lpsgdm": {"m": 0},
    "lpsgd": {},
    "sgd": {},
    "sgdm": {"a": 0},
    "signsgd": {},
    "signum": {"m": 0},
    "lion": {"m": 0},
    "adam": {"m": 0, "v": 0},
    "adamw": {"m": 0, "v": 0},
    "rmsprop": {"v": 0, "a": 0},
    "stacey": {"m": 0, "z": "theta"},
}


def descend(case, gradient, theta, steps=STEPS, disturb=None):
    """All points theta_0 .. theta_steps and the last state."""
    state = {k: theta.copy() if v == "theta" else np.zeros_like(theta) for k, v in STATE[case["optimizer"]].items()}
    points = [theta]
    for t in range(1, steps + 1):
        g = gradient(theta)
        if disturb is not None:
            g = disturb(g)
        p = p_at(case["pSchedule"], t, steps)
        theta = RULES[case["optimizer"]](theta, g, state, case["hyperparameters"], case["learningRate"], p, t)
        points.append(theta)
    return points, state


# ---------------------------------------------------------------- hyperparameter sets

COSINE6 = {"kind": "cosine", "pMax": 6}
CONSTANT3 = {"kind": "constant", "pMax": 3}
CONSTANT2 = {"kind": "constant", "pMax": 2}
CONSTANT100 = {"kind": "constant", "pMax": 100}
LINEAR8 = {"kind": "linear", "pMax": 8, "pEnd": 2.5}
STEP5 = {"kind": "step", "pMax": 5, "gamma": 0.5, "stepEveryEpochs": 20}
EXPONENTIAL4 = {"kind": "exponential", "pMax": 4, "gamma": 0.9}
SHORT = {"kind": "cosine", "pMax": 6, "horizonEpochs": 60}

# optimizer -> list of (hyperparameters, p schedule)
SETS = {
    "lpsgdm": [
        ({"beta": 0.9, "epsilon": 1e-8, "weightDecay": 0}, COSINE6),
        ({"beta": 0.9, "epsilon": 1e-8, "weightDecay": 0.01}, CONSTANT3),
        ({"beta": 0.5, "epsilon": 0, "weightDecay": 0.1}, LINEAR8),
        ({"beta": 0, "epsilon": 1e-3, "weightDecay": 0}, STEP5),
        ({"beta": 0.9, "epsilon": 1e-8, "weightDecay": 0.001}, CONSTANT2),
        ({"beta": 0.9, "epsilon": 1e-8, "weightDecay": 0}, SHORT),
    ],
    "lpsgd": [
        ({"epsilon": 1e-8, "weightDecay": 0}, COSINE6),
        ({"epsilon": 0, "weightDecay": 0.01}, EXPONENTIAL4),
        ({"epsilon": 1e-8, "weightDecay": 0}, CONSTANT100),
    ],
    "sgd": [({"weightDecay": 0}, CONSTANT2), ({"weightDecay": 0.1}, COSINE6)],
    "sgdm": [
        ({"beta": 0.9, "nesterov": False, "weightDecay": 0}, CONSTANT2),
        ({"beta": 0.5, "nesterov": True, "weightDecay": 0.01}, CONSTANT2),
    ],
    "signsgd": [({"weightDecay": 0}, CONSTANT2), ({"weightDecay": 0.1}, CONSTANT2)],
    "signum": [({"beta": 0.9, "weightDecay": 0}, CONSTANT2), ({"beta": 0.5, "weightDecay": 0.1}, CONSTANT2)],
    "lion": [
        ({"beta1": 0.9, "beta2": 0.99, "weightDecay": 0.01}, CONSTANT2),
        ({"beta1": 0.95, "beta2": 0.5, "weightDecay": 0}, CONSTANT2),
    ],
    "adam": [
        ({"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0}, CONSTANT2),
        ({"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3, "weightDecay": 0.1}, CONSTANT2),
    ],
    "adamw": [
        ({"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01}, CONSTANT2),
        ({"beta1": 0, "beta2": 0.99, "epsilon": 1e-6, "weightDecay": 0.1}, CONSTANT2),
    ],
    "rmsprop": [
        ({"beta": 0.99, "momentum": 0, "epsilon": 1e-8, "weightDecay": 0}, CONSTANT2),
        ({"beta": 0.9, "momentum": 0.9, "epsilon": 1e-4, "weightDecay": 0.01}, CONSTANT2),
    ],
    "stacey": [
        (
            {"alpha": 1e-3, "tau": 1e-3, "p": 3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-4, "weightDecay": 5e-4},
            CONSTANT2,
        ),
        (
            {"alpha": 1e-2, "tau": 0.1, "p": 2.5, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-8, "weightDecay": 0},
            CONSTANT2,
        ),
    ],
}

# ---------------------------------------------------------------- two variables


def bowl(curvatures, centre):
    k, c = np.array(curvatures, dtype=np.float64), np.array(centre, dtype=np.float64)
    return lambda x: float(np.sum(k / 2 * (x - c) ** 2)), lambda x: k * (x - c)


def rosenbrock_value(x):
    return float((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)


def rosenbrock_gradient(x):
    slope = 200 * (x[1] - x[0] ** 2)
    return np.array([2 * (x[0] - 1) - 2 * x[0] * slope, slope])


FUNCTIONS = {
    "strong": bowl([200, 0.05], [1, 4]),
    "weak": bowl([1.2, 0.8], [1, 4]),
    "rosenbrock": (rosenbrock_value, rosenbrock_gradient),
}
STARTS = {"strong": [-2.013, 9.007], "weak": [-2.013, 9.007], "rosenbrock": [-1.207, 1.013]}

# learning rates by function: methods that step in proportion to g, and methods whose step size hardly depends on it
PROPORTIONAL = {"strong": 0.002, "weak": 0.11, "rosenbrock": 0.0005}
LEVEL = {"strong": 0.0057, "weak": 0.0213, "rosenbrock": 0.00213}
RATE_FAMILY = {"sgd": PROPORTIONAL, "sgdm": PROPORTIONAL}


def toy_case(name, optimizer, hyperparameters, schedule):
    value, gradient = FUNCTIONS[name]
    rate = RATE_FAMILY.get(optimizer, LEVEL)[name]
    case = {
        "function": name,
        "optimizer": optimizer,
        "hyperparameters": hyperparameters,
        "learningRate": rate,
        "pSchedule": schedule,
        "start": STARTS[name],
    }
    start = np.array(STARTS[name], dtype=np.float64)
    points, _ = descend(case, gradient, start)
    noise = np.random.default_rng(7)
    disturbed, _ = descend(case, gradient, start, disturb=lambda g: g * (1 + 1e-15 * noise.uniform(-1, 1, g.shape)))
    error = max(float(np.max(np.abs(a - b))) for a, b in zip(points, disturbed))
    case["trajectory"] = [[float(x[0]), float(x[1]), value(x)] for x in points]
    return case, error


# ---------------------------------------------------------------- tensors


def problem():
    """Least squares 1/(2n) |X W - Y|^2 with X 24 x 6 and W 6 x 4; all inputs are exact in float32."""
    random = np.random.default_rng(20260601)
    q, _ = np.linalg.qr(random.normal(size=(24, 6)))
    inputs = q * math.sqrt(24) * np.array([2.0, 1.6, 1.3, 1.0, 0.9, 0.8]) + 0.02 * random.normal(size=(24, 6))
    solution = random.uniform(3, 6, size=(6, 4)) * random.choice([-1, 1], size=(6, 4))
    start = 0.5 * random.normal(size=(6, 4))
    targets = inputs @ solution
    return [a.astype(np.float32).astype(np.float64) for a in (inputs, targets, start)]


INPUTS, TARGETS, START = problem()
TENSOR_RATES = {"sgd": 0.005, "sgdm": 0.001, "rmsprop": 0.004}


def tensor_gradient(w):
    return INPUTS.T @ (INPUTS @ w - TARGETS) / len(INPUTS)


def tensor_case(optimizer, hyperparameters, schedule):
    case = {
        "optimizer": optimizer,
        "hyperparameters": hyperparameters,
        "learningRate": TENSOR_RATES.get(optimizer, 0.01),
        "pSchedule": schedule,
    }
    points, state = descend(case, tensor_gradient, START)
    noise = np.random.default_rng(7)
    single = 2.0**-23

    def disturb(g):
        return g * (1 + single * noise.uniform(-1, 1, g.shape)) + single * np.abs(g).max() * noise.uniform(-1, 1, g.shape)

    disturbed, disturbed_state = descend(case, tensor_gradient, START, disturb=disturb)
    pairs = [*zip(points, disturbed), *((state[name], disturbed_state[name]) for name in state)]
    error = max(float(np.max(np.abs(a - b)) / np.max(np.abs(a))) for a, b in pairs)
    progress = float(np.linalg.norm(points[-1] - points[0]) / np.linalg.norm(points[0]))
    case["weights"] = {str(step): points[step].tolist() for step in (1, 10, 50, 100)}
    case["slots"] = {name: value.tolist() for name, value in state.items()}
    return case, error, progress


# ---------------------------------------------------------------- PyTorch


def torch_optimizer(case, parameter):
    h, lr = case["hyperparameters"], case["learningRate"]
    decay = h["weightDecay"]
    if case["optimizer"] == "sgd":
        return torch.optim.SGD([parameter], lr=lr, weight_decay=decay)
    if case["optimizer"] == "sgdm":
        return torch.optim.SGD([parameter], lr=lr, momentum=h["beta"], nesterov=h["nesterov"], weight_decay=decay)
    if case["optimizer"] in ("adam", "adamw"):
        kind = torch.optim.Adam if case["optimizer"] == "adam" else torch.optim.AdamW
        return kind([parameter], lr=lr, betas=(h["beta1"], h["beta2"]), eps=h["epsilon"], weight_decay=decay)
    if case["optimizer"] == "rmsprop":
        return torch.optim.RMSprop(
            [parameter], lr=lr, alpha=h["beta"], momentum=h["momentum"], eps=h["epsilon"], weight_decay=decay
        )
    return None


def check_with_torch(case):
    """The largest difference between the case's trajectory and torch.optim's, or None where torch has no such rule."""
    parameter = torch.tensor(case["start"], dtype=torch.float64, requires_grad=True)
    optimizer = torch_optimizer(case, parameter)
    if optimizer is None:
        return None
    gradient = FUNCTIONS[case["function"]][1]
    worst = 0.0
    for point in case["trajectory"][1:]:
        parameter.grad = torch.tensor(gradient(parameter.detach().numpy()))
        optimizer.step()
        worst = max(worst, float(np.max(np.abs(parameter.detach().numpy() - np.array(point[:2])))))
    return worst


# ---------------------------------------------------------------- files


def write(name, content):
    (HERE / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


def main():
    toy, worst_torch, compared = [], 0.0, 0
    for optimizer, sets in SETS.items():
        for hyperparameters, schedule in sets:
            for function in FUNCTIONS:
                case, error = toy_case(function, optimizer, hyperparameters, schedule)
                values = [x for point in case["trajectory"] for x in point]
                label = f"{optimizer} {hyperparameters} {schedule['kind']} on {function}"
                assert all(map(math.isfinite, values)), f"{label} diverges"
                assert error < 2e-13, f"{label} amplifies rounding to {error:.1e}: choose other settings"
                toy.append(case)
                difference = check_with_torch(case) if torch else None
                if difference is not None:
                    assert difference < 1e-12, f"{label}: torch differs by {difference:.1e}"
                    worst_torch, compared = max(worst_torch, difference), compared + 1
    write("toy.json", {"steps": STEPS, "cases": toy})

    tensors = []
    for optimizer, sets in SETS.items():
        for hyperparameters, schedule in sets:
            case, error, progress = tensor_case(optimizer, hyperparameters, schedule)
            label = f"{optimizer} {hyperparameters} {schedule['kind']} on tensors"
            assert progress > 0.2, f"{label} hardly moves: {progress:.2f}"
            assert error < 2e-6, f"{label} amplifies single precision to {error:.1e}: choose other settings"
            tensors.append(case)
    content = {"inputs": INPUTS.tolist(), "targets": TARGETS.tolist(), "start": START.tolist(), "cases": tensors}
    write("tensors.json", {"steps": STEPS, **content})

    compared_text = f"{compared} of them with torch, at most {worst_torch:.1e} apart" if torch else "no torch here"
    print(f"{len(toy)} trajectories ({compared_text}), {len(tensors)} tensor cases")


if __name__ == "__main__":
    main()
