// The few operations on whole vector registers that Swift's SIMD types offer only lane by lane: each function is one instruction
// (or two) of the instruction set the importing module is compiled for. Nothing else belongs here.

#ifndef NABLA_LANES_H
#define NABLA_LANES_H

#if defined(__AVX512F__)
#define NABLA_LANES_BYTES 64
#elif defined(__AVX2__)
#define NABLA_LANES_BYTES 32
#else
#define NABLA_LANES_BYTES 16
#endif

typedef float nabla_floats __attribute__((ext_vector_type(NABLA_LANES_BYTES / 4)));
typedef float nabla_half_floats __attribute__((ext_vector_type(NABLA_LANES_BYTES / 8)));
typedef double nabla_doubles __attribute__((ext_vector_type(NABLA_LANES_BYTES / 8)));

#define NABLA_UNARY(NAME, TYPE, BUILTIN) \
  static inline TYPE NAME(TYPE x) { return BUILTIN(x); }

// a * b + c, rounded once. A library call where the processor has no such instruction.
static inline nabla_floats nabla_floats_fma(nabla_floats a, nabla_floats b, nabla_floats c) {
  return __builtin_elementwise_fma(a, b, c);
}
static inline nabla_doubles nabla_doubles_fma(nabla_doubles a, nabla_doubles b, nabla_doubles c) {
  return __builtin_elementwise_fma(a, b, c);
}

NABLA_UNARY(nabla_floats_sqrt, nabla_floats, __builtin_elementwise_sqrt)
NABLA_UNARY(nabla_floats_floor, nabla_floats, __builtin_elementwise_floor)
NABLA_UNARY(nabla_floats_ceil, nabla_floats, __builtin_elementwise_ceil)
NABLA_UNARY(nabla_floats_roundeven, nabla_floats, __builtin_elementwise_roundeven)
NABLA_UNARY(nabla_doubles_sqrt, nabla_doubles, __builtin_elementwise_sqrt)
NABLA_UNARY(nabla_doubles_floor, nabla_doubles, __builtin_elementwise_floor)
NABLA_UNARY(nabla_doubles_ceil, nabla_doubles, __builtin_elementwise_ceil)
NABLA_UNARY(nabla_doubles_roundeven, nabla_doubles, __builtin_elementwise_roundeven)

static inline nabla_doubles nabla_widen(nabla_half_floats x) { return __builtin_convertvector(x, nabla_doubles); }
static inline nabla_half_floats nabla_narrow(nabla_doubles x) {
  return __builtin_convertvector(x, nabla_half_floats);
}
static inline nabla_doubles nabla_widen_low(nabla_floats x) { return __builtin_convertvector(x.lo, nabla_doubles); }
static inline nabla_doubles nabla_widen_high(nabla_floats x) { return __builtin_convertvector(x.hi, nabla_doubles); }
static inline nabla_floats nabla_narrow_both(nabla_doubles low, nabla_doubles high) {
  nabla_floats x;
  x.lo = nabla_narrow(low);
  x.hi = nabla_narrow(high);
  return x;
}

// Asks for the cache line of an address that will be read soon; any address may be asked for.
static inline void nabla_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

// The lanes of two registers in turn: the first half of them, and the second.
#if NABLA_LANES_BYTES == 64
#define NABLA_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define NABLA_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#elif NABLA_LANES_BYTES == 32
#define NABLA_LOW 0, 4, 1, 5
#define NABLA_HIGH 2, 6, 3, 7
#else
#define NABLA_LOW 0, 2
#define NABLA_HIGH 1, 3
#endif
static inline nabla_doubles nabla_doubles_interleave_low(nabla_doubles a, nabla_doubles b) {
  return __builtin_shufflevector(a, b, NABLA_LOW);
}
static inline nabla_doubles nabla_doubles_interleave_high(nabla_doubles a, nabla_doubles b) {
  return __builtin_shufflevector(a, b, NABLA_HIGH);
}

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)

// x * 2^n for whole n, rounded once however small or large the result: an instruction of AVX-512 alone.
static inline nabla_floats nabla_floats_scale(nabla_floats x, nabla_floats n) { return _mm512_scalef_ps(x, n); }
static inline nabla_doubles nabla_doubles_scale(nabla_doubles x, nabla_doubles n) { return _mm512_scalef_pd(x, n); }

// The first n lanes from memory, the others from the filler; and the first n lanes to memory.
static inline nabla_floats nabla_floats_load(const float *x, long n, nabla_floats filler) {
  return _mm512_mask_loadu_ps(filler, (__mmask16)((1u << n) - 1), x);
}
static inline void nabla_floats_store(float *out, long n, nabla_floats x) {
  _mm512_mask_storeu_ps(out, (__mmask16)((1u << n) - 1), x);
}
static inline nabla_doubles nabla_doubles_load(const double *x, long n, nabla_doubles filler) {
  return _mm512_mask_loadu_pd(filler, (__mmask8)((1u << n) - 1), x);
}
static inline void nabla_doubles_store(double *out, long n, nabla_doubles x) {
  _mm512_mask_storeu_pd(out, (__mmask8)((1u << n) - 1), x);
}

#elif defined(__AVX2__)

static inline __m256i nabla_first4(long n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline __m256i nabla_first8(long n) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3));
}
static inline nabla_floats nabla_floats_load(const float *x, long n, nabla_floats filler) {
  __m256i mask = nabla_first4(n);
  return _mm256_blendv_ps(filler, _mm256_maskload_ps(x, mask), _mm256_castsi256_ps(mask));
}
static inline void nabla_floats_store(float *out, long n, nabla_floats x) {
  _mm256_maskstore_ps(out, nabla_first4(n), x);
}
static inline nabla_doubles nabla_doubles_load(const double *x, long n, nabla_doubles filler) {
  __m256i mask = nabla_first8(n);
  return _mm256_blendv_pd(filler, _mm256_maskload_pd(x, mask), _mm256_castsi256_pd(mask));
}
static inline void nabla_doubles_store(double *out, long n, nabla_doubles x) {
  _mm256_maskstore_pd(out, nabla_first8(n), x);
}

#endif

#undef NABLA_UNARY
#undef NABLA_LOW
#undef NABLA_HIGH
#endif
