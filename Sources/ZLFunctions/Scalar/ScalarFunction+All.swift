extension ScalarFunction {
    static let all: [ScalarFunction] = []
}
