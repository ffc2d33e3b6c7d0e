import Hummingbird
import Crypto
import ArgumentParser
print("seed")
