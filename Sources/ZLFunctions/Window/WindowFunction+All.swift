extension WindowFunction {
    /// Every window function, by family.
    static let all: [WindowFunction] =
        RankingFunctions.functions + ValueFunctions.functions + StatisticFunctions.functions
        + IndicatorFunctions.functions
}
