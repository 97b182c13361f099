#include "common.h"
#include "threads.h"

#include "batchNorm.h"
#include "conv.h"
#include "elementwise.h"
#include "gemm.h"
#include "optimizers.h"
#include "pool2d.h"

#define KERNELS(K)                                                                                              \
  K(packPanels) K(gemm) K(convForward) K(convInputGradient) K(convFilterGradient) K(sumPartials) K(elementwise) \
  K(sumRows) K(sumLast) K(maxPool) K(maxPoolGradient) K(batchNormMoments) K(batchNormJoin) K(batchNormApply)    \
  K(batchNormGradientSums) K(batchNormGradientJoin) K(batchNormGradientApply) K(sgd) K(sgdm) K(lpsgd) K(lpsgdm) \
  K(signsgd) K(signum) K(lion) K(adam) K(adamw) K(rmsprop) K(stacey) K(lpsgdAny) K(lpsgdmAny) K(staceyAny)

#define NUMBER(name) KERNEL_##name,
enum { KERNELS(NUMBER) };

// The number by which `run` knows a kernel: the export kernel_<name>.
#define TELL_NUMBER(name) \
  __attribute__((export_name("kernel_" #name))) int kernel_##name(void) { return KERNEL_##name; }
KERNELS(TELL_NUMBER)

#define CASE(name)                  \
  case KERNEL_##name:               \
    name(args, chunk, worker);      \
    break;
static void runChunk(int kernel, const Args *args, int chunk, int worker) {
  switch (kernel) { KERNELS(CASE) }
}

EXPORT(controlBytes) int controlBytes(void) { return sizeof(Control); }
EXPORT(panelColumns) int panelColumns(void) { return PANEL; }
EXPORT(gemmDepth) int gemmDepth(void) { return DEPTH; }
