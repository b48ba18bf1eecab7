extension AggregateFunction {
    static let all: [AggregateFunction] = []
}
