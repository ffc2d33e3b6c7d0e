/// The standard normal distribution.
enum NormalDistribution {
    static func cumulative(_ x: Double) -> Double { 0.5 * errorFunctionComplement(-x / 2.0.squareRoot()) }

    /// The value below which a share of the distribution lies; infinite at 0 and 1.
    ///
    /// A rational approximation (P. J. Acklam, relative error 1.15e-9), made exact to a few last digits by one step of
    /// Halley's method.
    static func quantile(_ share: Double) -> Double {
        guard share > 0 else { return share == 0 ? -.infinity : .nan }
        guard share < 1 else { return share == 1 ? .infinity : .nan }
        let a = [
            -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
            -3.066479806614716e+01, 2.506628277459239e+00,
        ]
        let b = [
            -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
            -1.328068155288572e+01,
        ]
        let c = [
            -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
            4.374664141464968e+00, 2.938163982698783e+00,
        ]
        let d = [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00]
        // The upper half is the mirror of the lower: 1 - share is exact there.
        if share > 0.5 { return -quantile(1 - share) }
        var x: Double
        if share < 0.02425 {
            let q = (-2 * logarithm(share)).squareRoot()
            x = polynomial(c, q) / (polynomial(d, q) * q + 1)
        } else {
            let q = share - 0.5
            let r = q * q
            x = polynomial(a, r) * q / (polynomial(b, r) * r + 1)
        }
        let error = cumulative(x) - share
        let step = error * (2 * Double.pi).squareRoot() * exponential(x * x / 2)
        x -= step / (1 + x * step / 2)
        return x
    }

    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        coefficients.reduce(0) { $0 * x + $1 }
    }
}
