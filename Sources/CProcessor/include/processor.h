#ifndef NABLA_PROCESSOR_H
#define NABLA_PROCESSOR_H

/// The widest vector registers, in bits, whose instructions (with fused multiply-add) this processor and its operating
/// system allow: 512, 256, or 128 for the baseline of the architecture.
int nabla_vector_bits(void);

#endif
