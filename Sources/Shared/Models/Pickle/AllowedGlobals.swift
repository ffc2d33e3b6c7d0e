/// The table behind ``AllowedGlobal``.
///
/// One line for each module: role, module, names. It holds the names that scikit-learn 0.24 to 1.9, XGBoost 1.5 to 3.x
/// and LightGBM 3.x to 4.x write for the estimators that are supported, and nothing else.
enum AllowedGlobals {
    static func parse() -> [AllowedGlobal] {
        var all: [AllowedGlobal] = []
        for (role, table) in [
            (AllowedGlobal.Role.marker, markers), (.object, objects), (.mapping, mappings), (.inert, inert),
        ] {
            for line in table.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                for name in words.dropFirst() { all.append(AllowedGlobal(module: words[0], name: name, role: role)) }
            }
        }
        for (module, name, call) in calls { all.append(AllowedGlobal(module: module, name: name, role: .call(call))) }
        return all
    }

    private static let calls: [(String, String, AllowedGlobal.Call)] = [
        ("_codecs", "encode", .encode),
        ("builtins", "bytearray", .byteArray), ("__builtin__", "bytearray", .byteArray),
        ("builtins", "bytes", .bytes), ("__builtin__", "bytes", .bytes),
        ("builtins", "set", .set), ("__builtin__", "set", .set),
        ("builtins", "frozenset", .frozenSet), ("__builtin__", "frozenset", .frozenSet),
        ("builtins", "slice", .slice), ("__builtin__", "slice", .slice),
        ("copyreg", "_reconstructor", .reconstructObject), ("copy_reg", "_reconstructor", .reconstructObject),
        ("collections", "OrderedDict", .orderedDict), ("collections", "defaultdict", .defaultDict),
        ("datetime", "datetime", .dateTime), ("functools", "partial", .partial),
        ("numpy.core.multiarray", "_reconstruct", .reconstructArray),
        ("numpy._core.multiarray", "_reconstruct", .reconstructArray),
        ("numpy.core.multiarray", "scalar", .scalar), ("numpy._core.multiarray", "scalar", .scalar),
        ("numpy.core.numeric", "_frombuffer", .fromBuffer), ("numpy._core.numeric", "_frombuffer", .fromBuffer),
        ("numpy", "dtype", .dataType),
        ("pandas.core.indexes.base", "_new_Index", .index),
        ("sklearn.tree._tree", "Tree", .tree),
    ]

    private static let markers = """
        builtins object dict tuple list int float bool complex
        __builtin__ object dict tuple list int float bool complex long
        numpy ndarray number float64 float32 int64 int32 int16 int8 uint8 uint16 uint32 uint64 bool_ bool
        numpy expm1 log1p exp log sqrt square log2 log10 exp2 sin cos
        numpy.core._multiarray_umath expm1 log1p exp log sqrt square log2 log10 exp2 sin cos
        numpy._core._multiarray_umath expm1 log1p exp log sqrt square log2 log10 exp2 sin cos
        sklearn.feature_selection._univariate_selection f_regression f_classif
        sklearn.utils.validation check_array
        pandas.core.indexes.base Index
        sklearn.metrics._dist_metrics \(distances)
        sklearn.neighbors._dist_metrics \(distances)
        sklearn.neighbors._ball_tree BallTree BallTree64
        sklearn.neighbors._kd_tree KDTree KDTree64
        """

    /// What search trees measure with; the trees are not read.
    private static let distances =
        "ManhattanDistance ManhattanDistance64 EuclideanDistance EuclideanDistance64 "
        + "ChebyshevDistance ChebyshevDistance64 MinkowskiDistance MinkowskiDistance64"

    private static let mappings = """
        sklearn.utils Bunch
        sklearn.utils._bunch Bunch
        """

    private static let objects = """
        joblib.numpy_pickle NumpyArrayWrapper
        sklearn.calibration CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration
        sklearn.compose._column_transformer ColumnTransformer _RemainderColsList
        sklearn.compose._target TransformedTargetRegressor
        sklearn.decomposition._pca PCA
        sklearn.discriminant_analysis LinearDiscriminantAnalysis
        sklearn.dummy DummyClassifier DummyRegressor
        sklearn.ensemble._bagging BaggingClassifier BaggingRegressor
        sklearn.ensemble._forest RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor
        sklearn.ensemble._gb GradientBoostingClassifier GradientBoostingRegressor
        sklearn.ensemble._hist_gradient_boosting.binning _BinMapper
        sklearn.ensemble._hist_gradient_boosting.gradient_boosting HistGradientBoostingClassifier \
        HistGradientBoostingRegressor
        sklearn.ensemble._hist_gradient_boosting.predictor TreePredictor
        sklearn.ensemble._iforest IsolationForest
        sklearn.ensemble._stacking StackingClassifier StackingRegressor
        sklearn.ensemble._voting VotingClassifier VotingRegressor
        sklearn.ensemble._weight_boosting AdaBoostClassifier AdaBoostRegressor
        sklearn.feature_selection._univariate_selection SelectKBest
        sklearn.feature_selection._variance_threshold VarianceThreshold
        sklearn.impute._base SimpleImputer MissingIndicator
        sklearn.isotonic IsotonicRegression
        sklearn.linear_model._base LinearRegression
        sklearn.linear_model._bayes BayesianRidge
        sklearn.linear_model._coordinate_descent Lasso LassoCV ElasticNet ElasticNetCV
        sklearn.linear_model._glm.glm PoissonRegressor GammaRegressor TweedieRegressor
        sklearn.linear_model._huber HuberRegressor
        sklearn.linear_model._logistic LogisticRegression LogisticRegressionCV
        sklearn.linear_model._ridge Ridge RidgeCV RidgeClassifier
        sklearn.linear_model._stochastic_gradient SGDClassifier SGDRegressor
        sklearn.multiclass OneVsRestClassifier
        sklearn.multioutput MultiOutputRegressor
        sklearn.naive_bayes GaussianNB
        sklearn.neighbors._classification KNeighborsClassifier
        sklearn.neighbors._regression KNeighborsRegressor
        sklearn.neural_network._multilayer_perceptron MLPClassifier MLPRegressor
        sklearn.pipeline Pipeline FeatureUnion
        sklearn.preprocessing._data StandardScaler MinMaxScaler MaxAbsScaler RobustScaler Normalizer PowerTransformer \
        QuantileTransformer PolynomialFeatures
        sklearn.preprocessing._discretization KBinsDiscretizer
        sklearn.preprocessing._encoders OneHotEncoder OrdinalEncoder
        sklearn.preprocessing._function_transformer FunctionTransformer
        sklearn.preprocessing._label LabelEncoder LabelBinarizer
        sklearn.preprocessing._polynomial PolynomialFeatures
        sklearn.svm._classes LinearSVC LinearSVR
        sklearn.tree._classes DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor
        xgboost.sklearn XGBClassifier XGBRegressor XGBRFClassifier XGBRFRegressor XGBRanker
        xgboost.core Booster
        xgboost.compat XGBoostLabelEncoder
        lightgbm.sklearn LGBMClassifier LGBMRegressor
        lightgbm.basic Booster
        """

    /// The compiled losses stand in `sklearn._loss._loss`, and as a bare `_loss` in files of 1.5 and 1.6.
    private static let inert = """
        numpy.random._pickle __randomstate_ctor __bit_generator_ctor __generator_ctor
        numpy.random._mt19937 MT19937
        numpy.random._pcg64 PCG64
        numpy.random.bit_generator SeedSequence __pyx_unpickle_SeedSequence
        sklearn._loss._loss \(compiledLosses)
        _loss \(compiledLosses)
        sklearn.compose._column_transformer make_column_selector
        sklearn._loss.link IdentityLink LogLink LogitLink HalfLogitLink MultinomialLogit Interval
        sklearn._loss.loss HalfSquaredError HalfBinomialLoss HalfMultinomialLoss HalfPoissonLoss HalfGammaLoss \
        HalfTweedieLoss HalfTweedieLossIdentity PinballLoss HuberLoss ExponentialLoss AbsoluteError
        sklearn._loss.glm_distribution DistributionBoundary PoissonDistribution TweedieDistribution GammaDistribution
        sklearn.linear_model._glm.link LogLink IdentityLink
        sklearn.ensemble._gb_losses BinomialDeviance MultinomialDeviance ExponentialLoss LeastSquaresError \
        LeastAbsoluteError HuberLossFunction QuantileLossFunction
        sklearn.ensemble._hist_gradient_boosting.loss BinaryCrossEntropy CategoricalCrossEntropy LeastSquares \
        LeastAbsoluteDeviation Poisson
        sklearn.linear_model._sgd_fast Hinge SquaredHinge Log ModifiedHuber SquaredLoss Huber EpsilonInsensitive \
        SquaredEpsilonInsensitive
        sklearn.neural_network._stochastic_optimizers AdamOptimizer SGDOptimizer
        sklearn.metrics._dist_metrics newObj
        sklearn.neighbors._dist_metrics newObj
        sklearn.neighbors._ball_tree newObj
        sklearn.neighbors._kd_tree newObj
        """

    private static let compiledLosses = [
        "HalfSquaredError", "HalfBinomialLoss", "HalfMultinomialLoss", "HalfPoissonLoss", "HalfGammaLoss",
        "HalfTweedieLoss", "HalfTweedieLossIdentity", "PinballLoss", "HuberLoss", "ExponentialLoss", "AbsoluteError",
    ].map { "Cy\($0) __pyx_unpickle_Cy\($0)" }.joined(separator: " ")
}
