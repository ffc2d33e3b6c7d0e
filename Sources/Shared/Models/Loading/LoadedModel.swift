/// A model that a file held, ready to answer, and what is known about it.
package struct LoadedModel: Sendable {
    package enum Task: String, Sendable {
        case regression, classification, outliers, transformation, encoders
    }

    package let task: Task
    /// The class of the estimator that answers.
    package let estimator: any Estimator
    /// Columns of a row; nil where any number will do.
    package let featureCount: Int?
    /// Their names in order, where the file has them.
    package let featureNames: [String]?
    package let classes: [Label]?
    package let methods: EstimatorMethods
    /// Who wrote it, such as "scikit-learn 1.5.2".
    package let library: String
    /// Label encoders that came along, by column, in the order of their names.
    package let encoders: [(name: String, encoder: any Estimator)]
    package let warnings: [String]

    /// Reads one file.
    ///
    /// - Parameters:
    ///   - file: The bytes as uploaded.
    ///   - limits: What reading may cost.
    /// - Returns: a model that has been checked as a whole.
    /// - Throws: why the file is refused, with the class and the place.
    package static func read(_ file: [UInt8], limits: ReadingLimits = ReadingLimits()) throws(ModelRejection)
        -> LoadedModel
    {
        let deadline = limits.duration.map { ContinuousClock.now + $0 }
        let pickle = try ModelContainer.open(file, limits: limits, deadline: deadline)
        let graph = try PickleMachine.read(pickle, limits: limits, deadline: deadline)
        return try PayloadReader(ModelBuilder(graph: graph, limits: limits, deadline: deadline)).model()
    }

    /// The same with some of it replaced.
    func with(
        estimator: (any Estimator)? = nil,
        featureNames: [String]? = nil,
        encoders: [(name: String, encoder: any Estimator)]? = nil,
        warning: String? = nil
    ) -> LoadedModel {
        let estimator = estimator ?? self.estimator
        return LoadedModel(
            task: task,
            estimator: estimator,
            featureCount: estimator.width,
            featureNames: featureNames ?? self.featureNames,
            classes: classes,
            methods: estimator.methods,
            library: library,
            encoders: encoders ?? self.encoders,
            warnings: warnings + (warning.map { [$0] } ?? [])
        )
    }
}
