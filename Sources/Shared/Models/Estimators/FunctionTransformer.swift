/// One of a few functions of numpy over all values, or none.
struct FunctionTransformer: Estimator {
    private enum Function: String {
        case identity, expm1, log1p, exp, log, sqrt, square, log2, log10, exp2, sin, cos

        func callAsFunction(_ x: Double) -> Double {
            switch self {
            case .identity: x
            case .expm1: exponentialMinusOne(x)
            case .log1p: logarithmOfOnePlus(x)
            case .exp: exponential(x)
            case .log: logarithm(x)
            case .sqrt: x.squareRoot()
            case .square: x * x
            case .log2: logarithm2(x)
            case .log10: logarithm10(x)
            case .exp2: power(2, x)
            case .sin: sine(x)
            case .cos: cosine(x)
            }
        }
    }

    let name: String
    let width: Int?
    private let function: Function
    private let inverse: Function

    var methods: EstimatorMethods { [.transform, .inverse] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        width = object.fittedWidth
        function = try Self.function(object, "func")
        inverse = try Self.function(object, "inverse_func")
        for key: StaticString in ["kw_args", "inv_kw_args"] where object.dictionary(key)?.isEmpty == false {
            throw object.fault(.unsupported, "arguments of its function are not supported")
        }
    }

    /// A function of numpy by its name; `check_array`, with which histogram gradient boosting wraps numbers, changes none.
    private static func function(_ object: FittedObject, _ key: StaticString) throws(ModelRejection) -> Function {
        guard object.has(key) else { return .identity }
        let global = object.className(key)
        if global?.name == "partial" { return .identity }
        guard let global, global.module.hasPrefix("numpy"), let function = Function(rawValue: global.name) else {
            throw object.fault(.unsupported, "its function is not supported")
        }
        return function
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        guard function != .identity else { return x }
        return Features(try x.numbers().mapped { function($0) })
    }

    func inverse(_ x: Matrix) throws(PredictionError) -> Matrix { x.mapped { inverse($0) } }
}
