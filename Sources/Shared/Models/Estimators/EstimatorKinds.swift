/// Which reader belongs to which class.
enum EstimatorKinds {
    /// - Returns: nil for classes that are no estimators.
    static func read(_ object: FittedObject) throws(ModelRejection) -> (any Estimator)? {
        if object.global.module.hasPrefix("xgboost.") { return try XGBoostEstimator.read(object) }
        if object.global.module.hasPrefix("lightgbm.") { return try LightGBMEstimator.read(object) }
        switch object.name {
        case "LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV", "HuberRegressor",
            "BayesianRidge", "SGDRegressor", "LinearSVR", "PoissonRegressor", "GammaRegressor", "TweedieRegressor":
            return try LinearRegressor(object)
        case "LogisticRegression", "LogisticRegressionCV", "RidgeClassifier", "SGDClassifier", "LinearSVC",
            "LinearDiscriminantAnalysis":
            return try LinearClassifier(object)
        case "DecisionTreeRegressor", "ExtraTreeRegressor", "RandomForestRegressor", "ExtraTreesRegressor",
            "DecisionTreeClassifier", "ExtraTreeClassifier", "RandomForestClassifier", "ExtraTreesClassifier":
            return try Forest(object)
        case "GradientBoostingRegressor", "GradientBoostingClassifier": return try GradientBoosting(object)
        case "HistGradientBoostingRegressor", "HistGradientBoostingClassifier": return try HistGradientBoosting(object)
        case "IsolationForest": return try IsolationForest(object)
        case "AdaBoostRegressor": return try AdaBoostRegressor(object)
        case "AdaBoostClassifier": return try AdaBoostClassifier(object)
        case "BaggingRegressor", "BaggingClassifier": return try Bagging(object)
        case "KNeighborsRegressor", "KNeighborsClassifier": return try NearestNeighbors(object)
        case "GaussianNB": return try GaussianNaiveBayes(object)
        case "MLPRegressor", "MLPClassifier": return try MultilayerPerceptron(object)
        case "IsotonicRegression": return try IsotonicRegression(object)
        case "DummyRegressor", "DummyClassifier": return try ConstantEstimator(object)
        default:
            if let transformer = try readTransformer(object) { return transformer }
            return try readComposite(object)
        }
    }

    private static func readTransformer(_ object: FittedObject) throws(ModelRejection) -> (any Estimator)? {
        switch object.name {
        case "StandardScaler", "RobustScaler", "MinMaxScaler", "MaxAbsScaler": try ColumnScaler(object)
        case "Normalizer": try RowNormalizer(object)
        case "SimpleImputer": try SimpleImputer(object)
        case "MissingIndicator": try MissingIndicator(object)
        case "OneHotEncoder": try OneHotEncoder(object)
        case "OrdinalEncoder": try OrdinalEncoder(object)
        case "PolynomialFeatures": try PolynomialFeatures(object)
        case "QuantileTransformer": try QuantileTransformer(object)
        case "PowerTransformer": try PowerTransformer(object)
        case "KBinsDiscretizer": try BinsDiscretizer(object)
        case "PCA": try PrincipalComponents(object)
        case "VarianceThreshold", "SelectKBest": try FeatureSelector(object)
        case "FunctionTransformer": try FunctionTransformer(object)
        case "LabelEncoder", "XGBoostLabelEncoder": try LabelEncoder(object)
        case "LabelBinarizer": try LabelBinarizer(object)
        default: nil
        }
    }

    private static func readComposite(_ object: FittedObject) throws(ModelRejection) -> (any Estimator)? {
        switch object.name {
        case "Pipeline": try Pipeline(object)
        case "ColumnTransformer": try ColumnTransformer(object)
        case "FeatureUnion": try FeatureUnion(object)
        case "CalibratedClassifierCV": try CalibratedClassifier(object)
        case "VotingClassifier": try VotingClassifier(object)
        case "VotingRegressor": try VotingRegressor(object)
        case "StackingClassifier", "StackingRegressor": try Stacking(object)
        case "OneVsRestClassifier": try OneVsRest(object)
        case "MultiOutputRegressor": try MultiOutput(object)
        case "TransformedTargetRegressor": try TransformedTarget(object)
        default: nil
        }
    }
}
