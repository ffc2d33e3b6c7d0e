#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The functions of the C library under names of our own, so that only this file imports it.

func exponential(_ x: Double) -> Double { exp(x) }
func logarithm(_ x: Double) -> Double { log(x) }
func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
func sine(_ x: Double) -> Double { sin(x) }
func cosine(_ x: Double) -> Double { cos(x) }
func errorFunctionComplement(_ x: Double) -> Double { erfc(x) }

/// 1 / (1 + e^-x) without overflow on either side.
func logistic(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let power = exp(x)
    return power / (1 + power)
}
func logarithm2(_ x: Double) -> Double { log2(x) }
func logarithm10(_ x: Double) -> Double { log10(x) }
