// Package iam reads what an account has of IAM. It changes nothing there: stacks do.
package iam
