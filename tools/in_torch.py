"""Time reading 1 in PyTorch, for benchmark.py: python tools/in_torch.py IMAGES.npz EPOCHS BATCH

PyTorch gets a process of its own: loaded after TensorFlow has compiled a program, it aborts the
process, because both bring an LLVM that registers the same options. Prints the seconds of the
training, after one epoch as a warm-up.
"""

import sys
import time

import numpy as np
import torch


def train(images, labels, epochs, batch_size):
    model = torch.nn.Linear(784, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(epochs):
        for chosen in torch.randperm(len(images)).split(batch_size):
            loss = torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def main():
    data, epochs, batch_size = np.load(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    images, labels = torch.from_numpy(data["x"]), torch.from_numpy(data["y"].astype("int64"))
    train(images, labels, 1, batch_size)
    start = time.perf_counter()
    train(images, labels, epochs, batch_size)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main()
