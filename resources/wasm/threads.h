// A job is a kernel, its arguments and a number of chunks. Chunks are claimed one by one, so a thread that the system
// delays only claims fewer. What a chunk computes never depends on who computes it or on how many threads there are:
// results are the same bits with one thread and with many.
#pragma once
#include "common.h"

// Lives in tfjs' heap; each shared word has a cache line of its own. `args` comes first: see ownModule.ts.
typedef struct {
  Args args;
  int32_t generation, pad0[15];
  int32_t open, pad1[15];
  int32_t next, pad2[15];
  int32_t active, pad3[15];
  int32_t sleeping, pad4[15];
  int32_t kernel, chunks, stopped;
} Control;

#define LOAD(word) __atomic_load_n(&(word), __ATOMIC_SEQ_CST)
#define STORE(word, value) __atomic_store_n(&(word), (value), __ATOMIC_SEQ_CST)
#define ADD(word, value) __atomic_fetch_add(&(word), (value), __ATOMIC_SEQ_CST)

// About 30 microseconds: the pause between two kernels of a training step is often shorter than waking a thread is.
#define SPINS 20000

static void runChunk(int kernel, const Args *args, int chunk, int worker);

static void claimChunks(Control *c, int worker) {
  int kernel = c->kernel, chunks = c->chunks;
  for (;;) {
    int chunk = ADD(c->next, 1);
    if (chunk >= chunks) return;
    runChunk(kernel, &c->args, chunk, worker);
  }
}

// The caller's side: computes all chunks, with the workers' help where `helped`.
EXPORT(run) void run(Control *c, int kernel, int chunks, int helped) {
  if (!helped || chunks < 2) {
    for (int chunk = 0; chunk < chunks; chunk++) runChunk(kernel, &c->args, chunk, 0);
    return;
  }
  c->kernel = kernel;
  c->chunks = chunks;
  STORE(c->next, 0);
  STORE(c->open, 1);
  ADD(c->generation, 1);
  if (LOAD(c->sleeping) > 0) __builtin_wasm_memory_atomic_notify(&c->generation, chunks - 1);
  claimChunks(c, 0);
  // From here a late worker finds the job closed; one that is inside still finishes its chunk.
  STORE(c->open, 0);
  while (LOAD(c->active) > 0) {
  }
}

// A worker's whole life; returns after `stop`.
EXPORT(work) void work(Control *c, int worker) {
  int seen = 0;
  while (!LOAD(c->stopped)) {
    int generation = LOAD(c->generation);
    if (generation == seen) {
      for (int spin = 0; spin < SPINS && generation == seen; spin++) generation = LOAD(c->generation);
    }
    if (generation == seen) {
      ADD(c->sleeping, 1);
      __builtin_wasm_memory_atomic_wait32(&c->generation, seen, -1);
      ADD(c->sleeping, -1);
      continue;
    }
    seen = generation;
    ADD(c->active, 1);
    if (LOAD(c->open)) claimChunks(c, worker);
    ADD(c->active, -1);
  }
}

EXPORT(stop) void stop(Control *c) {
  STORE(c->stopped, 1);
  ADD(c->generation, 1);
  __builtin_wasm_memory_atomic_notify(&c->generation, -1);
}
