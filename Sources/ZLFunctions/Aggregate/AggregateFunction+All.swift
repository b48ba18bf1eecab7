extension AggregateFunction {
    /// Every aggregate function, by family.
    static let all: [AggregateFunction] =
        CountAggregates.functions + SumAggregates.functions + ChoiceAggregates.functions + StatisticAggregates.functions
        + TextAggregates.functions + OccurrenceAggregates.functions + BitAggregates.functions
}
